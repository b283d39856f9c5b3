package logging

import (
	"fmt"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beds-project/beds/runtime/lineage"
)

// Bounds of one event. What is longer is cut, and says so.
const (
	MaxMessageBytes = 8 << 10
	MaxTraceBytes   = 32 << 10
	maxValueBytes   = 4 << 10
	maxKeyBytes     = 64
	maxFields       = 64
	// maxGroups bounds how deep groups within groups are followed.
	maxGroups = 8
)

// Attributes with these keys have a field of their own in an [Event].
const (
	resourceKey = "resource"
	traceKey    = "trace"
)

// A field is an attribute, flattened and masked.
type field struct{ key, value string }

// An entry is one event on its way to the outputs.
type entry struct {
	time            time.Time
	level           slog.Level
	message         string
	origin          origin
	lineage         lineage.Lineage
	fields          []field
	resource, trace string
	file, method    string
	line            int
	local           bool
}

// settle moves resource and trace out of the fields, and bounds the rest.
func (e *entry) settle() {
	kept := e.fields[:0]
	for _, f := range e.fields {
		switch f.key {
		case resourceKey:
			e.resource = f.value
		case traceKey:
			e.trace = f.value
		default:
			kept = append(kept, f)
		}
	}
	if over := len(kept) - maxFields; over > 0 {
		kept = append(kept[:maxFields], field{"dropped_attributes", fmt.Sprint(over)})
	}
	e.fields = kept
}

// appendAttr flattens an attribute: groups become dotted keys.
func appendAttr(fields []field, prefix string, a slog.Attr) []field {
	return appendNested(fields, prefix, a, 0)
}

func appendNested(fields []field, prefix string, a slog.Attr, depth int) []field {
	v := a.Value.Resolve()
	if a.Key == "" && v.Kind() != slog.KindGroup {
		return fields
	}
	key := bound(prefix+a.Key, maxKeyBytes)
	if v.Kind() != slog.KindGroup || depth == maxGroups {
		return append(fields, field{key, valueText(key, v)})
	}
	if a.Key != "" {
		prefix += a.Key + "."
	}
	for _, member := range v.Group() {
		fields = appendNested(fields, prefix, member, depth+1)
	}
	return fields
}

// valueText renders a value, masked if its key says so.
func valueText(key string, v slog.Value) string {
	if looksSecret(key) {
		return masked
	}
	limit := maxValueBytes
	if key == traceKey {
		limit = MaxTraceBytes
	}
	switch v.Kind() {
	case slog.KindString:
		return bound(Scrub(v.String()), limit)
	case slog.KindTime:
		return v.Time().UTC().Format(time.RFC3339Nano)
	case slog.KindAny:
		return bound(Scrub(fmt.Sprintf("%+v", v.Any())), limit)
	}
	return v.String()
}

// bound cuts a text at a character's border and says how much is gone.
func bound(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	cut := limit
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s...(%d more bytes)", s[:cut], len(s)-cut)
}

// lastParts keeps the last n parts of a path: pool/worker.go says enough, and
// the build machine's folders are nobody's business.
func lastParts(path string, n int) string {
	at := len(path)
	for range n {
		i := strings.LastIndexByte(path[:at], '/')
		if i < 0 {
			return path
		}
		at = i
	}
	return path[at+1:]
}
