package runtime

import (
	"encoding/hex"
	"errors"
)

// State says whether a Value is absent, null or present.
type State uint8

// The states. The zero Value is Missing: in a write the default applies, in an
// update the field keeps its value.
const (
	Missing State = iota
	Null
	Set
)

// A Value is one field of a row. The kind is the field's, not the value's:
//
//	integer            Int
//	boolean            Int, 0 or 1
//	timestamp          Int, microseconds since 1970-01-01T00:00:00Z
//	float              Float, never NaN, infinite or negative zero
//	decimal            Str, exactly Scale digits after the point, no plus, no negative zero
//	date               Str, 2026-01-31
//	string, text, enum Str, valid UTF-8 without NUL
//	guid, binary       Str, the raw bytes
//	object, array      Str, compact canonical JSON (see CanonicalJSON)
type Value struct {
	State State
	Int   int64
	Float float64
	Str   string
}

// A Row holds one value per field of the template, in the order of its Fields.
type Row []Value

// Constructors of present values.

// IntValue is an integer, a boolean (0 or 1) or a timestamp (microseconds).
func IntValue(i int64) Value { return Value{State: Set, Int: i} }

// FloatValue is a float.
func FloatValue(f float64) Value { return Value{State: Set, Float: f} }

// StrValue is a value of one of the kinds kept in Str.
func StrValue(s string) Value { return Value{State: Set, Str: s} }

// NullValue is an explicit null.
func NullValue() Value { return Value{State: Null} }

// A GUID is a UUID in its binary form.
type GUID [16]byte

// Value is the GUID as a value.
func (g GUID) Value() Value { return Value{State: Set, Str: string(g[:])} }

// AppendText appends the lower-case text form, 36 bytes.
func (g GUID) AppendText(dst []byte) ([]byte, error) {
	var b [36]byte
	hex.Encode(b[0:8], g[0:4])
	b[8] = '-'
	hex.Encode(b[9:13], g[4:6])
	b[13] = '-'
	hex.Encode(b[14:18], g[6:8])
	b[18] = '-'
	hex.Encode(b[19:23], g[8:10])
	b[23] = '-'
	hex.Encode(b[24:36], g[10:16])
	return append(dst, b[:]...), nil
}

func (g GUID) String() string {
	b, _ := g.AppendText(nil)
	return string(b)
}

// MarshalText implements encoding.TextMarshaler.
func (g GUID) MarshalText() ([]byte, error) { return g.AppendText(nil) }

// UnmarshalText implements encoding.TextUnmarshaler.
func (g *GUID) UnmarshalText(b []byte) error {
	p, err := ParseGUID(string(b))
	if err != nil {
		return err
	}
	*g = p
	return nil
}

var errGUID = errors.New("not a GUID of the form 01234567-89ab-cdef-0123-456789abcdef")

// ParseGUID reads the 36-byte text form in either case.
func ParseGUID(s string) (GUID, error) {
	var g GUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return g, errGUID
	}
	n := 0
	for i := 0; i < 36; {
		if s[i] == '-' {
			i++
			continue
		}
		hi, ok1 := unhex(s[i])
		lo, ok2 := unhex(s[i+1])
		if !ok1 || !ok2 {
			return GUID{}, errGUID
		}
		g[n] = hi<<4 | lo
		n++
		i += 2
	}
	return g, nil
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// GUIDOf reads the id of a value of kind guid; a value that holds none gives the zero GUID.
func GUIDOf(v Value) GUID {
	var g GUID
	copy(g[:], v.Str)
	return g
}
