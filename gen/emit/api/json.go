package api

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// An object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any // string, bool, int, raw, object, []any, []string
}

// raw is JSON as it is.
type raw string

// with appends a member where a condition holds.
func (o object) with(condition bool, name string, value any) object {
	if !condition {
		return o
	}
	return append(o, member{name, value})
}

// appendJSON writes a value, indented by two spaces a level. Lists of strings
// stand on one line.
func appendJSON(dst []byte, value any, depth int) []byte {
	switch v := value.(type) {
	case string:
		return appendQuoted(dst, v)
	case bool:
		return strconv.AppendBool(dst, v)
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case raw:
		return append(dst, v...)
	case object:
		return appendObject(dst, v, depth)
	case []string:
		dst = append(dst, '[')
		for i, s := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendQuoted(dst, s)
		}
		return append(dst, ']')
	case []any:
		return appendList(dst, v, depth)
	}
	panic("api: not a JSON value") // a mistake in this package
}

func appendObject(dst []byte, o object, depth int) []byte {
	if len(o) == 0 {
		return append(dst, "{}"...)
	}
	flat := o.flat()
	dst = append(dst, '{')
	for i, m := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		switch {
		case !flat:
			dst = newLine(dst, depth+1)
		case i > 0:
			dst = append(dst, ' ')
		}
		dst = appendQuoted(dst, m.name)
		dst = appendJSON(append(dst, ": "...), m.value, depth+1)
	}
	if !flat {
		dst = newLine(dst, depth)
	}
	return append(dst, '}')
}

// flat reports whether an object holds neither objects nor lists of them. Such a
// one stands on one line.
func (o object) flat() bool {
	for _, m := range o {
		switch v := m.value.(type) {
		case object:
			if len(v) > 0 {
				return false
			}
		case []any:
			return false
		}
	}
	return true
}

func appendList(dst []byte, list []any, depth int) []byte {
	dst = append(dst, '[')
	for i, v := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(newLine(dst, depth+1), v, depth+1)
	}
	if len(list) > 0 {
		dst = newLine(dst, depth)
	}
	return append(dst, ']')
}

func newLine(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}

// appendQuoted is the sanitiser of this target: whatever a reader could not see as
// it is (controls, bidirectional overrides, separators) is escaped.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if plain(s) {
		return append(append(dst, s...), '"')
	}
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == utf8.RuneError || !unicode.IsPrint(r):
			dst = appendEscaped(dst, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// plain reports whether a text stands for itself, as nearly all do.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
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
