package logging

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"testing"

	"github.com/coreos/go-systemd/v22/journal"

	"github.com/beds-project/beds/runtime/lineage"
)

func TestJournald(t *testing.T) {
	var message string
	var prio journal.Priority
	var fields map[string]string
	j := &journald{send: func(m string, p journal.Priority, f map[string]string) error {
		message, prio, fields = m, p, f
		return nil
	}}
	h := &handler{level: slog.LevelDebug, outputs: []output{j}, origin: origin{"app_server", "dev", "n1"}}
	ctx := lineage.With(context.Background(), lineage.Lineage{EventID: "e2", ParentID: "e1", RootID: "e0", Depth: 2})
	slog.New(h).ErrorContext(ctx, "failed", "event_id", "forged", "took-ms", 5, "resource", "pool", "token", "x")
	if message != "failed event_id=forged took-ms=5 token=***" || prio != journal.PriErr {
		t.Errorf("message %q, priority %d", message, prio)
	}
	delete(fields, "CODE_LINE")
	want := map[string]string{
		"SYSLOG_IDENTIFIER": "beds", "BEDS_EVENT_ID": "e2", "BEDS_PARENT_ID": "e1", "BEDS_ROOT_ID": "e0", "BEDS_DEPTH": "2",
		"BEDS_SERVICE": "app_server", "BEDS_ENV": "dev", "BEDS_NODE": "n1", "BEDS_RESOURCE": "pool",
		"BEDS_ATTR_EVENT_ID": "forged", "BEDS_ATTR_TOOK_MS": "5", "BEDS_ATTR_TOKEN": "***",
		"CODE_FILE": "logging/journald_test.go", "CODE_FUNC": "logging.TestJournald",
	}
	if !maps.Equal(fields, want) {
		t.Errorf("got\n%v\nwant\n%v", fields, want)
	}
}

func TestJournalNames(t *testing.T) {
	for key, want := range map[string]string{
		"BEDS_a.b-c": "BEDS_A_B_C", "BEDS_\u00e9=\n": "BEDS____", "BEDS_" + strings.Repeat("x", 100): "BEDS_" + strings.Repeat("X", 59),
	} {
		if got := journalName(key); got != want {
			t.Errorf("journalName(%q) = %q, want %q", key, got, want)
		}
	}
}

func TestJournaldWithoutAJournal(t *testing.T) {
	if journal.Enabled() {
		t.Skip("this machine has a journal")
	}
	_, _, err := New(Options{Journald: true})
	if err == nil || !strings.Contains(err.Error(), "journald = false in [log]") {
		t.Errorf("New = %v", err)
	}
}
