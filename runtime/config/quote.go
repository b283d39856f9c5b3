package config

import (
	"strconv"
	"unicode/utf8"
)

// maxQuotedBytes keeps a message on one line of a terminal.
const maxQuotedBytes = 60

// quote writes what an operator typed so that it can neither break the line
// nor reorder it: everything but printable ASCII is escaped.
func quote(s string) string {
	if len(s) <= maxQuotedBytes {
		return strconv.QuoteToASCII(s)
	}
	cut := maxQuotedBytes
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.QuoteToASCII(s[:cut]) + "..."
}

// quotePath writes a path whole, since somebody will paste it into a shell.
func quotePath(path string) string { return strconv.Quote(path) }
