package rec

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// resume returns the start of the first line after off at which an expression
// can begin. A header may be indented; a key may not, because within a broken
// list or table the indented lines look like keys too.
func resume(src []byte, off int) int {
	for {
		nl := bytes.IndexByte(src[off:], '\n')
		if nl < 0 {
			return len(src)
		}
		off += nl + 1
		line := src[off:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		if opensHeader(line) || opensKey(line) {
			return off
		}
	}
}

// lineOpensTable reports whether the line around off is a table's header.
func lineOpensTable(src []byte, off int) bool {
	start := bytes.LastIndexByte(src[:off], '\n') + 1
	return bytes.HasPrefix(bytes.TrimLeft(src[start:off+1], " \t"), []byte("["))
}

func opensHeader(line []byte) bool {
	line = bytes.TrimRight(line, " \t\r")
	return bytes.HasPrefix(line, []byte("[")) && bytes.HasSuffix(line, []byte("]"))
}

// opensKey reports whether a line begins with a bare, possibly dotted key.
func opensKey(line []byte) bool {
	key, _, found := bytes.Cut(line, []byte("="))
	key = bytes.TrimRight(key, " \t")
	if !found || len(key) == 0 {
		return false
	}
	for _, c := range key {
		if !bareKeyByte(c) {
			return false
		}
	}
	return true
}

func bareKeyByte(c byte) bool {
	return c == '_' || c == '-' || c == '.' ||
		'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func joined(path []part) string {
	names := make([]string, len(path))
	for i, p := range path {
		names[i] = p.name
	}
	return strings.Join(names, ".")
}

// clip shortens a text of the template for a message.
func clip(s string) string { return clipTo(s, 40) }

func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
