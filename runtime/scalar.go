package runtime

import (
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beds-project/beds/runtime/envelope"
)

// A problem is why a value is refused: a code of the catalogue and a sentence.
type problem struct {
	code    envelope.Code
	message string
}

func (p *problem) Error() string { return p.message }

func badType(want string) *problem {
	return &problem{envelope.BadType, "must be " + want}
}

func badValue(format string, args ...any) *problem {
	return &problem{envelope.BadValue, fmt.Sprintf(format, args...)}
}

// ParseText reads the canonical text of a constant; see model.Value in the generator.
func ParseText(typ *Type, text string) (Value, error) {
	v, p := parseText(typ, text)
	if p != nil {
		return Value{}, p
	}
	return v, nil
}

func parseText(typ *Type, text string) (Value, *problem) {
	switch typ.Kind {
	case Integer:
		return parseInteger(text)
	case Float:
		return parseFloat(text)
	case Boolean:
		switch text {
		case "true":
			return IntValue(1), nil
		case "false":
			return IntValue(0), nil
		}
		return Value{}, badType("true or false")
	case Object, Array:
		return decodeJSON(typ, []byte(text))
	}
	return parseQuoted(typ, text)
}

// parseQuoted reads a value whose JSON form is a string.
func parseQuoted(typ *Type, s string) (Value, *problem) {
	switch typ.Kind {
	case String:
		return checkString(s, typ.Max)
	case Text:
		if len(s) > typ.Max {
			return Value{}, badValue("has %d bytes; at most %d are allowed", len(s), typ.Max)
		}
		return checkString(s, math.MaxInt)
	case Enum:
		if !slices.Contains(typ.Values, s) {
			return Value{}, &problem{envelope.BadEnum, "must be one of " + strings.Join(typ.Values, ", ")}
		}
		return StrValue(s), nil
	case Decimal:
		return parseDecimal(s, typ.Precision, typ.Scale)
	case Timestamp:
		return parseTimestamp(s)
	case Date:
		return parseDate(s)
	case GUIDKind:
		g, err := ParseGUID(s)
		if err != nil {
			return Value{}, badValue("is %s", err)
		}
		return g.Value(), nil
	case Binary:
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil {
			return Value{}, badValue("is not standard base64 with padding")
		}
		if len(b) > typ.Max {
			return Value{}, badValue("has %d bytes; at most %d are allowed", len(b), typ.Max)
		}
		return StrValue(string(b)), nil
	}
	return Value{}, badType(wanted(typ))
}

// wanted names the JSON form of a type in a message.
func wanted(typ *Type) string {
	switch typ.Kind {
	case Integer:
		return "a whole number"
	case Float:
		return "a number"
	case Boolean:
		return "true or false"
	case Object:
		return "an object"
	case Array:
		return "an array"
	case Decimal:
		return `a string such as "12.30"`
	case Timestamp:
		return `a string such as "2026-01-31T23:59:59.000000Z"`
	case Date:
		return `a string such as "2026-01-31"`
	case GUIDKind:
		return "a string with a GUID"
	case Binary:
		return "a string in base64"
	}
	return "a string"
}

// checkString bounds a string and refuses NUL, which not every server keeps.
func checkString(s string, max int) (Value, *problem) {
	if strings.IndexByte(s, 0) >= 0 {
		return Value{}, badValue("contains a NUL character")
	}
	if len(s) > max { // fewer bytes than max are never more characters
		if n := utf8.RuneCountInString(s); n > max {
			return Value{}, badValue("has %d characters; at most %d are allowed", n, max)
		}
	}
	return StrValue(s), nil
}

func parseInteger(s string) (Value, *problem) {
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		if strings.ContainsAny(s, ".eE") {
			return Value{}, badType("a whole number without fraction or exponent")
		}
		return Value{}, badValue("is outside the 64-bit range")
	}
	return IntValue(i), nil
}

func parseFloat(s string) (Value, *problem) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return Value{}, badValue("is outside the range of a 64-bit float")
	}
	return FloatValue(f + 0), nil // + 0 turns negative zero into zero
}

// parseDecimal gives the canonical form with exactly scale digits after the point.
// It never rounds: too many digits are refused.
func parseDecimal(s string, precision, scale int) (Value, *problem) {
	bad := func() (Value, *problem) {
		return Value{}, badValue(`is not a decimal such as "-12.30"`)
	}
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(digits, ".")
	if whole == "" || point && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return bad()
	}
	whole = strings.TrimLeft(whole, "0")
	if len(whole) > precision-scale {
		return Value{}, badValue("has %d digits before the point; at most %d are allowed", len(whole), precision-scale)
	}
	if trimmed := strings.TrimRight(fraction, "0"); len(trimmed) > scale {
		return Value{}, badValue("has %d digits after the point; at most %d are allowed", len(trimmed), scale)
	}
	fraction = (fraction + strings.Repeat("0", scale))[:scale]
	if whole == "" {
		whole = "0"
	}
	out := whole
	if scale > 0 {
		out += "." + fraction
	}
	if negative && strings.Trim(out, "0.") != "" {
		out = "-" + out
	}
	return StrValue(out), nil
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Years outside this range are not kept by every server.
const (
	minYear = 1000
	maxYear = 9999
)

func parseTimestamp(s string) (Value, *problem) {
	if dot := strings.IndexByte(s, '.'); dot >= 0 {
		n := 0
		for dot+1+n < len(s) && s[dot+1+n] >= '0' && s[dot+1+n] <= '9' {
			n++
		}
		if n > 6 {
			return Value{}, badValue("has %d digits of a second; at most 6 (microseconds) are kept", n)
		}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return Value{}, badValue(`is not a timestamp such as "2026-01-31T23:59:59.000000Z"`)
	}
	t = t.UTC()
	if y := t.Year(); y < minYear || y > maxYear {
		return Value{}, badValue("has a year outside %d to %d", minYear, maxYear)
	}
	return IntValue(t.UnixMicro()), nil
}

func parseDate(s string) (Value, *problem) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Value{}, badValue(`is not a date such as "2026-01-31"`)
	}
	if t.Year() < minYear {
		return Value{}, badValue("has a year outside %d to %d", minYear, maxYear)
	}
	return StrValue(s), nil
}

// MustParse is ParseText for constants in generated code; it panics where the
// generator and the runtime do not agree.
func MustParse(typ *Type, text string) Value {
	v, err := ParseText(typ, text)
	if err != nil {
		panic("beds: constant " + text + " " + err.Error())
	}
	return v
}
