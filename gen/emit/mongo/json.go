package mongo

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// A printer writes indented JSON by appending. It knows nothing of the values; the
// caller opens and closes in pairs.
type printer struct {
	b     []byte
	depth int
	more  bool // the open object or array has a member already
}

const spaces = "                                                                "

func (p *printer) line() {
	if p.more {
		p.b = append(p.b, ',')
	}
	p.more = true
	p.indent()
}

func (p *printer) indent() {
	p.b = append(p.b, '\n')
	for n := 2 * p.depth; n > 0; n -= len(spaces) {
		p.b = append(p.b, spaces[:min(n, len(spaces))]...)
	}
}

func (p *printer) key(name string) {
	p.line()
	p.b = append(appendQuoted(p.b, name), ": "...)
}

// open begins an object or an array; the value of a member or, with no key before,
// an element.
func (p *printer) open(bracket byte) {
	p.b = append(p.b, bracket)
	p.depth++
	p.more = false
}

func (p *printer) close(bracket byte) {
	p.depth--
	if p.more {
		p.indent()
	}
	p.b = append(p.b, bracket)
	p.more = true
}

func (p *printer) object(name string) {
	p.key(name)
	p.open('{')
}

func (p *printer) str(name, value string) {
	p.key(name)
	p.b = appendQuoted(p.b, value)
}

func (p *printer) int(name string, value int) {
	p.key(name)
	p.b = strconv.AppendInt(p.b, int64(value), 10)
}

func (p *printer) true(name string) {
	p.key(name)
	p.b = append(p.b, "true"...)
}

// list writes strings on one line.
func (p *printer) list(name string, values ...string) {
	p.key(name)
	p.b = append(p.b, '[')
	for i, v := range values {
		if i > 0 {
			p.b = append(p.b, ", "...)
		}
		p.b = appendQuoted(p.b, v)
	}
	p.b = append(p.b, ']')
}

// appendQuoted is the one sanitiser of this target: whatever a reader could not see
// as it is (controls, format characters such as the bidi overrides, unassigned and
// private ones, separators) is escaped.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if n := plain(s[i:]); n > 0 {
			dst = append(dst, s[i:i+n]...)
			i += n
			continue
		}
		if s[i] < utf8.RuneSelf {
			dst = appendASCII(dst, s[i])
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			dst = appendEscaped(dst, r)
		} else {
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	return append(dst, '"')
}

// plain is the length of the leading part that stands for itself.
func plain(s string) int {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7F || c == '"' || c == '\\' {
			return i
		}
	}
	return len(s)
}

// appendASCII writes one character that may need an escape.
func appendASCII(dst []byte, c byte) []byte {
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c == '\n':
		return append(dst, `\n`...)
	case c == '\t':
		return append(dst, `\t`...)
	case c < ' ' || c == 0x7F:
		return appendEscaped(dst, rune(c))
	}
	return append(dst, c)
}

// appendEscaped writes \u1234, as a pair of surrogates where one is needed.
func appendEscaped(dst []byte, r rune) []byte {
	if r > 0xFFFF {
		r -= 0x10000
		dst = appendEscaped(dst, 0xD800+r>>10)
		r = 0xDC00 + r&0x3FF
	}
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
