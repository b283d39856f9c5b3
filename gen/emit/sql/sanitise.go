package sql

import (
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// Texts of a template reach SQL in three places only, and each has one function
// here: identifiers, string literals and comments. Nothing else may write a
// template's text into a statement.

// ident quotes an identifier.
func ident(name string) string {
	if isPlain(name) {
		return "`" + name + "`"
	}
	return "`" + strings.ReplaceAll(clean(name), "`", "``") + "`"
}

// literal quotes a string. Quotes and backslashes are doubled, which ends the
// literal neither with nor without NO_BACKSLASH_ESCAPES; every file sets the mode
// in which a doubled backslash is one.
func literal(s string) string {
	s = clean(s)
	if strings.ContainsAny(s, `'\`) {
		s = literalEscapes.Replace(s)
	}
	return "'" + s + "'"
}

var literalEscapes = strings.NewReplacer(`'`, `''`, `\`, `\\`)

// data quotes a value that must arrive as it is, an enum's or a default. One that
// people could not read safely is written in hexadecimal; not as _utf8mb4 0x…, of
// which MariaDB 10.11 makes a table that it cannot open when there is a quote in it.
func data(s string) string {
	if clean(s) == s && !strings.ContainsFunc(s, isControl) {
		return literal(s)
	}
	return "CONVERT(X'" + strings.ToUpper(hex.EncodeToString([]byte(s))) + "' USING utf8mb4)"
}

func isControl(r rune) bool { return r != ' ' && isBreak(r) }

// docLiteral quotes a documentation text: one line of at most max characters,
// which is what a COMMENT clause holds.
func docLiteral(s string, max int) string {
	return literal(clip(oneLine(s), max))
}

// comment makes a text safe behind "-- ": one line without control characters.
// Such a comment ends at the line's end and nowhere else. A slash between star
// and slash would be harmless there, but people copy comments into /* */.
func comment(s string) string {
	if isHarmless(s) {
		return s
	}
	s = clean(s)
	if strings.ContainsFunc(s, isControl) {
		s = oneLine(s)
	}
	if strings.Contains(s, "*/") || strings.Contains(s, "/*") {
		s = commentMarks.Replace(s)
	}
	return s
}

// isHarmless reports whether there is nothing to do: nearly all comments are our own.
func isHarmless(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' || c > '~' || c == '/' {
			return false
		}
	}
	return true
}

var commentMarks = strings.NewReplacer("*/", "* /", "/*", "/ *")

// path writes a JSON path of member names as a literal: '$.eq.customer_ord'.
func path(names ...string) string {
	var b strings.Builder
	b.Grow(64)
	b.WriteString("$")
	for _, name := range names {
		b.WriteByte('.')
		if isPlain(name) {
			b.WriteString(name)
			continue
		}
		b.WriteString(`"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(name) + `"`)
	}
	return literal(b.String())
}

func isPlain(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return name != "" && (name[0] < '0' || name[0] > '9')
}

// oneLine replaces every run of white space and control characters by a space.
func oneLine(s string) string {
	s = clean(s)
	if !strings.ContainsFunc(s, isBreak) && strings.TrimSpace(s) == s {
		return s
	}
	return strings.Join(strings.FieldsFunc(s, isBreak), " ")
}

func isBreak(r rune) bool {
	return r < ' ' || r == ' ' || r == 0x7f || r >= 0x80 && r <= 0x9f || r == '\u2028' || r == '\u2029'
}

// clean replaces what no text of a template may bring into a file that people
// review: NUL, invalid UTF-8, and the characters that change the direction of the
// text or hide in it.
func clean(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isHidden(r) {
			return '\uFFFD'
		}
		return r
	}, s) // Map turns invalid UTF-8 into U+FFFD
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] == 0 {
			return false
		}
	}
	return true
}

func isHidden(r rune) bool {
	switch {
	case r == 0, r == utf8.RuneError:
	case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069': // bidi embedding and isolates
	case r == '\u200B', r >= '\u200E' && r <= '\u200F', r == '\u061C', r == '\uFEFF':
	default:
		return false
	}
	return true
}

// clip shortens a text to max characters.
func clip(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	runes := []rune(s)
	return string(runes[:max-1]) + "…"
}
