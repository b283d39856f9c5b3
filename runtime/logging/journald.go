package logging

import (
	"log/slog"
	"strconv"
	"strings"

	"github.com/coreos/go-systemd/v22/journal"
)

// journald sends events to the systemd journal, the lineage as fields of their
// own, so that `journalctl BEDS_ROOT_ID=...` shows all of one request.
type journald struct {
	send func(message string, p journal.Priority, fields map[string]string) error
}

func newJournald() (*journald, error) {
	if !journal.Enabled() {
		return nil, errNoJournal
	}
	return &journald{send: journal.Send}, nil
}

func (j *journald) write(e *entry) error {
	return j.send(string(e.appendLine(nil)), priority(e.level), e.journalFields())
}

func priority(l slog.Level) journal.Priority {
	switch levelName(l) {
	case "debug":
		return journal.PriDebug
	case "info":
		return journal.PriInfo
	case "warn":
		return journal.PriWarning
	}
	return journal.PriErr
}

// journalFields are BEDS_... for what BEDS says, and BEDS_ATTR_... for the
// attributes, so that no attribute can pass for lineage.
func (e *entry) journalFields() map[string]string {
	fields := map[string]string{"SYSLOG_IDENTIFIER": "beds"}
	set := func(key, value string) {
		if value != "" {
			fields[key] = value
		}
	}
	for _, f := range e.fields {
		set(journalName("BEDS_ATTR_"+f.key), f.value)
	}
	for _, f := range e.lineageFields() {
		set(journalName("BEDS_"+f.key), f.value)
	}
	set("BEDS_SERVICE", e.origin.service)
	set("BEDS_ENV", e.origin.env)
	set("BEDS_NODE", e.origin.node)
	set("BEDS_RESOURCE", e.resource)
	set("BEDS_TRACE", e.trace)
	set("CODE_FILE", e.file)
	set("CODE_FUNC", e.method)
	if e.line > 0 {
		set("CODE_LINE", strconv.Itoa(e.line))
	}
	return fields
}

// journalName spells a key the way the journal allows: upper-case letters,
// digits and underscores, at most 64.
func journalName(key string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, key)
	return name[:min(len(name), 64)]
}
