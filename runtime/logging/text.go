package logging

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Whatever isn't printable is escaped before it reaches a line: newlines would
// forge a second line, escape codes would repaint the terminal, bidirectional
// marks would show the text in another order than it has.

// appendMessage appends a message, unquoted but escaped.
func appendMessage(b []byte, s string) []byte {
	if isPrintable(s) {
		return append(b, s...)
	}
	start := len(b)
	b = strconv.AppendQuote(b, s)
	// Drop the quotes: a message is the one part of a line that needs none.
	copy(b[start:], b[start+1:])
	return b[:len(b)-2]
}

// appendField appends key=value, quoted where a reader could mistake it.
func appendField(b []byte, f field) []byte {
	b = appendWord(b, f.key)
	b = append(b, '=')
	return appendWord(b, f.value)
}

func appendWord(b []byte, s string) []byte {
	if s != "" && isPrintable(s) && !strings.ContainsAny(s, " =\"\\") {
		return append(b, s...)
	}
	return strconv.AppendQuote(b, s)
}

// isPrintable reports whether a text stays on its line as it is. The replacement
// character is refused so that broken UTF-8 is escaped, not passed on.
func isPrintable(s string) bool {
	for _, r := range s {
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// appendLine appends the message and its fields; it is what the journal and the
// collection keep as the message.
func (e *entry) appendLine(b []byte) []byte {
	b = appendMessage(b, e.message)
	for _, f := range e.fields {
		b = append(b, ' ')
		b = appendField(b, f)
	}
	return b
}

// lineageFields are the fields that say where in a request's tree this is.
func (e *entry) lineageFields() []field {
	l := e.lineage
	if l.IsZero() {
		return nil
	}
	return []field{
		{"event_id", l.EventID}, {"parent_id", l.ParentID},
		{"root_id", l.RootID}, {"depth", strconv.Itoa(l.Depth)},
	}
}
