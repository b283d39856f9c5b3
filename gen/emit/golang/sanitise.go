package golang

import (
	"strconv"
	"strings"
	"unicode"
)

// comment makes text of a template safe inside a // comment: one line, no control
// or bidirectional characters, nothing that a tool reads as a directive.
func comment(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = b.Len() > 0
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	// jennifer emits a comment that begins like one as it is.
	return "// " + b.String()
}

// firstUpper makes a sentence of a doc text that stands alone.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}
