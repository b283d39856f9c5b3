package maria

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"unicode/utf8"

	"github.com/beds-project/beds/runtime"
)

// The argument of a procedure is JSON inside an SQL literal, and both are made in
// one pass: the session's sql_mode has NO_BACKSLASH_ESCAPES, so that only a quote
// ends a literal, and a quote in JSON can stand in a string only, where \u0027
// means the same. So no byte that is written here can be a quote.

// appendString appends a JSON string.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c != '\'' && c < utf8.RuneSelf {
			continue
		}
		if c >= utf8.RuneSelf {
			// A cut sequence must not swallow what follows it.
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size - 1
				continue
			}
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		dst = appendEscape(dst, c)
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

func appendEscape(dst []byte, c byte) []byte {
	const digits = "0123456789abcdef"
	switch {
	case c == '"' || c == '\\':
		return append(dst, '\\', c)
	case c >= utf8.RuneSelf:
		return append(dst, `\ufffd`...)
	}
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}

// appendJSON appends JSON text that was checked before.
func appendJSON(dst []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); i++ {
		if s[i] == '\'' {
			dst = append(append(dst, s[start:i]...), `\u0027`...)
			start = i + 1
		}
	}
	return append(dst, s[start:]...)
}

// appendValue appends a value as the procedures read it: GUIDs as 32 hexadecimal
// digits, times as DATETIME, binary as base64, decimals, objects and arrays as
// strings, so that their text arrives as it is.
func appendValue(dst []byte, kind runtime.Kind, v *runtime.Value) []byte {
	if v.State != runtime.Set {
		return append(dst, "null"...)
	}
	switch kind {
	case runtime.Integer:
		return strconv.AppendInt(dst, v.Int, 10)
	case runtime.Boolean:
		return strconv.AppendBool(dst, v.Int != 0)
	case runtime.Float:
		return strconv.AppendFloat(dst, v.Float, 'g', -1, 64)
	case runtime.Timestamp:
		return appendTime(dst, v.Int)
	case runtime.GUIDKind:
		dst = append(dst, '"')
		dst = hex.AppendEncode(dst, []byte(v.Str))
		return append(dst, '"')
	case runtime.Binary:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(v.Str))
		return append(dst, '"')
	}
	return appendString(dst, v.Str)
}

// appendTime appends a moment in quotes: "2026-01-31 23:59:59.000000".
func appendTime(dst []byte, micro int64) []byte {
	dst = append(dst, '"')
	dst = appendDatetime(dst, micro)
	return append(dst, '"')
}

// appendGUID appends 32 hexadecimal digits in quotes.
func appendGUID(dst []byte, g *[16]byte) []byte {
	dst = append(dst, '"')
	dst = hex.AppendEncode(dst, g[:])
	return append(dst, '"')
}
