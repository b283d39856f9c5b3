package runtime

import (
	"bytes"
	"encoding/base64"
	"math"
	"sort"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// maxFreeDepth bounds the nesting of free JSON objects (MariaDB takes 31 levels), so that both stores and
// every client can read what was written.
const maxFreeDepth = 30

// decodeValue reads the next JSON value as a value of the type; null gives Null.
// The returned error is a syntax error of the JSON itself.
func decodeValue(dec *jsontext.Decoder, typ *Type) (Value, *problem, error) {
	switch dec.PeekKind() {
	case 'n':
		_, err := dec.ReadToken()
		return NullValue(), nil, err
	case '"':
		return decodeQuoted(dec, typ)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return Value{}, nil, err
	}
	v, p := decodeRaw(typ, raw)
	return v, p, nil
}

func decodeQuoted(dec *jsontext.Decoder, typ *Type) (Value, *problem, error) {
	raw, err := dec.ReadValue()
	if err != nil {
		return Value{}, nil, err
	}
	switch typ.Kind {
	case Integer, Float, Boolean, Object, Array:
		return Value{}, badType(wanted(typ)), nil
	}
	v, p := parseQuoted(typ, unquoted(raw, typ.Kind == GUIDKind || typ.Kind == Timestamp))
	return v, p, nil
}

// unquoted is the text of a JSON string that the decoder has checked. A passing one
// is good until the decoder goes on; what keeps nothing of a text needs no copy.
func unquoted(raw jsontext.Value, passing bool) string {
	switch text := raw[1 : len(raw)-1]; {
	case bytes.IndexByte(raw, '\\') >= 0:
		text, _ = jsontext.AppendUnquote(nil, raw) //nolint:errcheck // the decoder has checked it
		return string(text)
	case passing:
		return unsafe.String(unsafe.SliceData(text), len(text))
	default:
		return string(text)
	}
}

// decodeRaw reads a complete JSON value that is neither null nor a string.
func decodeRaw(typ *Type, raw jsontext.Value) (Value, *problem) {
	switch kind := raw.Kind(); {
	case kind == '0' && typ.Kind == Integer:
		return parseInteger(string(raw))
	case kind == '0' && typ.Kind == Float:
		return parseFloat(string(raw))
	case kind == 't' && typ.Kind == Boolean:
		return IntValue(1), nil
	case kind == 'f' && typ.Kind == Boolean:
		return IntValue(0), nil
	case kind == '{' && typ.Kind == Object, kind == '[' && typ.Kind == Array:
		return decodeJSON(typ, raw)
	}
	return Value{}, badType(wanted(typ))
}

// decodeJSON checks an object or an array and gives its canonical text. Nobody's
// names occur twice here: the envelope's decoder has seen to that.
func decodeJSON(typ *Type, raw []byte) (Value, *problem) {
	pooled := members.Get().(*memberDecoder)
	defer pooled.release()
	out, p, err := appendCanonical(pooled.out[:0], pooled.reset(raw), typ, 0)
	if err != nil {
		return Value{}, badValue("is not JSON: %v", err)
	}
	if p != nil {
		return Value{}, p
	}
	pooled.out = out
	return StrValue(string(out)), nil
}

// appendCanonical appends the canonical JSON of the next value as the type wants it.
func appendCanonical(dst []byte, dec *jsontext.Decoder, typ *Type, depth int) ([]byte, *problem, error) {
	if depth > maxFreeDepth {
		return nil, badValue("is nested more than %d deep", maxFreeDepth), nil
	}
	switch {
	case typ.Kind == Array && dec.PeekKind() == '[':
		return appendArray(dst, dec, typ, depth)
	case typ.Kind == Object && dec.PeekKind() == '{' && len(typ.Fields) > 0:
		return appendDeclared(dst, dec, typ, depth)
	case typ.Kind == Object && dec.PeekKind() == '{':
		return appendFree(dst, dec, depth)
	case (typ.Kind == String || typ.Kind == Text) && dec.PeekKind() == '"':
		return appendText(dst, dec, typ)
	}
	v, p, err := decodeValue(dec, typ)
	if err != nil || p != nil {
		return nil, p, err
	}
	return AppendValue(dst, typ, v), nil, nil
}

// appendText appends a string. One without escapes stands there in canonical form
// already, and one that has not too many bytes has not too many characters.
func appendText(dst []byte, dec *jsontext.Decoder, typ *Type) ([]byte, *problem, error) {
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, nil, err
	}
	if len(raw)-2 <= typ.Max && bytes.IndexByte(raw, '\\') < 0 {
		return append(dst, raw...), nil, nil
	}
	v, p := parseQuoted(typ, unquoted(raw, false))
	if p != nil {
		return nil, p, nil
	}
	return appendString(dst, v.Str), nil, nil
}

func appendArray(dst []byte, dec *jsontext.Decoder, typ *Type, depth int) ([]byte, *problem, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil, err
	}
	dst = append(dst, '[')
	for n := 0; dec.PeekKind() != ']'; n++ {
		if typ.Max > 0 && n >= typ.Max {
			return nil, badValue("has more than %d elements", typ.Max), nil
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		if dec.PeekKind() == 'n' {
			return nil, badType("an array without null elements"), nil
		}
		var p *problem
		var err error
		if dst, p, err = appendCanonical(dst, dec, typ.Elem, depth+1); err != nil {
			return nil, nil, err
		} else if p != nil {
			return nil, &problem{p.code, "element " + strconv.Itoa(n) + " " + p.message}, nil
		}
	}
	_, err := dec.ReadToken()
	return append(dst, ']'), nil, err
}

// within puts a member's name before the path of the members that a problem lies in:
// "member address.city lacks …".
func (p *problem) within(name string) *problem {
	if inner, ok := strings.CutPrefix(p.message, "member "); ok {
		return &problem{p.code, "member " + name + "." + inner}
	}
	return &problem{p.code, "member " + name + " " + p.message}
}

// appendDeclared writes the members in the declared order, whatever the order of
// the request; members that are absent or null are left out.
func appendDeclared(dst []byte, dec *jsontext.Decoder, typ *Type, depth int) ([]byte, *problem, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil, err
	}
	// The members are appended as they come, and copied behind that in their order.
	var few [16]span
	at := few[:0]
	if len(typ.Fields) > len(few) {
		at = make([]span, 0, len(typ.Fields))
	}
	at = at[:len(typ.Fields)]
	start := len(dst)
	for dec.PeekKind() != '}' {
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, nil, err
		}
		i, p := memberOf(typ, raw)
		if p != nil {
			return nil, p, nil
		}
		if dec.PeekKind() == 'n' {
			if _, err := dec.ReadToken(); err != nil {
				return nil, nil, err
			}
			continue
		}
		begin := len(dst)
		if dst, p, err = appendCanonical(dst, dec, &typ.Fields[i].Type, depth+1); err != nil {
			return nil, nil, err
		}
		if p != nil {
			return nil, p.within(typ.Fields[i].Name), nil
		}
		at[i] = span{begin, len(dst)}
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil, err
	}
	dst, p := inDeclaredOrder(dst, start, typ, at)
	return dst, p, nil
}

// A span is a part of a buffer; an empty one is a member that is not there.
type span struct{ begin, end int }

// memberOf finds a declared member by its name in quotes.
func memberOf(typ *Type, quoted jsontext.Value) (int, *problem) {
	name := unquoted(quoted, true)
	i := sort.Search(len(typ.Fields), func(i int) bool { return typ.Fields[i].Name >= name })
	if i == len(typ.Fields) || typ.Fields[i].Name != name {
		return 0, badValue("has the unknown member %q", clip(name))
	}
	return i, nil
}

// inDeclaredOrder replaces what stands in dst from start by the object of the members.
func inDeclaredOrder(dst []byte, start int, typ *Type, at []span) ([]byte, *problem) {
	end := len(dst)
	dst = append(dst, '{')
	for i, m := range at {
		if m.begin == m.end {
			if typ.Fields[i].Required {
				return nil, badValue("lacks the required member %q", typ.Fields[i].Name)
			}
			continue
		}
		if len(dst) > end+1 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, typ.Fields[i].Name), ':')
		dst = append(dst, dst[m.begin:m.end]...)
	}
	dst = append(dst, '}')
	return dst[:start+copy(dst[start:], dst[end:])], nil
}

// appendFree copies free JSON in canonical form: no white space, whole numbers of
// 64 bits as such, others as the shortest float. Names that a document store
// would read as operators or paths are refused.
func appendFree(dst []byte, dec *jsontext.Decoder, depth int) ([]byte, *problem, error) {
	if depth > maxFreeDepth {
		return nil, badValue("is nested more than %d deep", maxFreeDepth), nil
	}
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, nil, err
	}
	switch tok.Kind() {
	case '"':
		s := tok.String()
		if _, p := checkString(s, math.MaxInt); p != nil {
			return nil, p, nil
		}
		return appendString(dst, s), nil, nil
	case '0':
		return appendFreeNumber(dst, tok.String())
	case '{', '[':
		return appendFreeComposite(dst, dec, tok.Kind(), depth)
	}
	return append(dst, tok.String()...), nil, nil
}

func appendFreeComposite(dst []byte, dec *jsontext.Decoder, open jsontext.Kind, depth int) ([]byte, *problem, error) {
	closing := jsontext.Kind(open + 2) // ']' is '[' + 2 and '}' is '{' + 2
	dst = append(dst, byte(open))
	for n := 0; dec.PeekKind() != closing; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		if open == '{' {
			tok, err := dec.ReadToken()
			if err != nil {
				return nil, nil, err
			}
			name := tok.String()
			if p := checkFreeName(name); p != nil {
				return nil, p, nil
			}
			dst = append(appendString(dst, name), ':')
		}
		var p *problem
		var err error
		if dst, p, err = appendFree(dst, dec, depth+1); err != nil || p != nil {
			return nil, p, err
		}
	}
	_, err := dec.ReadToken()
	return append(dst, byte(closing)), nil, err
}

func checkFreeName(name string) *problem {
	if name == "" || name[0] == '$' {
		return badValue("has a member named %q; names are not empty and do not begin with $", clip(name))
	}
	for i := 0; i < len(name); i++ {
		if name[i] == '.' || name[i] == 0 {
			return badValue("has a member named %q; names have no point and no NUL", clip(name))
		}
	}
	return nil
}

func appendFreeNumber(dst []byte, s string) ([]byte, *problem, error) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return strconv.AppendInt(dst, i, 10), nil, nil
	}
	v, p := parseFloat(s)
	if p != nil {
		return nil, p, nil
	}
	return appendFloat(dst, v.Float), nil, nil
}

// AppendFloat appends the shortest JSON text that reads back as the same float.
func appendFloat(dst []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendString appends a JSON string with the fewest escapes.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// AppendValue appends the envelope's JSON of a value. Missing is written as null.
func AppendValue(dst []byte, typ *Type, v Value) []byte {
	if v.State != Set {
		return append(dst, "null"...)
	}
	switch typ.Kind {
	case Integer:
		return strconv.AppendInt(dst, v.Int, 10)
	case Boolean:
		return strconv.AppendBool(dst, v.Int != 0)
	case Float:
		return appendFloat(dst, v.Float)
	case Timestamp:
		return appendTimestamp(dst, v.Int)
	case GUIDKind:
		dst = append(dst, '"')
		dst, _ = GUIDOf(v).AppendText(dst)
		return append(dst, '"')
	case Decimal, Date:
		dst = append(dst, '"')
		dst = append(dst, v.Str...)
		return append(dst, '"')
	case Binary:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, []byte(v.Str))
		return append(dst, '"')
	case Object, Array:
		return append(dst, v.Str...)
	}
	return appendString(dst, v.Str)
}

// appendTimestamp appends "2026-01-31T23:59:59.000000Z" for microseconds since 1970.
// Each record has two or three of them; time.AppendFormat reads its layout anew for
// each and takes more than three times as long.
func appendTimestamp(dst []byte, micro int64) []byte {
	t := time.UnixMicro(micro).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return t.AppendFormat(dst, `"2006-01-02T15:04:05.000000Z"`)
	}
	hour, minute, second := t.Clock()
	dst = append(dst, '"')
	dst = append(appendDigits(dst, year, 4), '-')
	dst = append(appendDigits(dst, int(month), 2), '-')
	dst = append(appendDigits(dst, day, 2), 'T')
	dst = append(appendDigits(dst, hour, 2), ':')
	dst = append(appendDigits(dst, minute, 2), ':')
	dst = append(appendDigits(dst, second, 2), '.')
	dst = appendDigits(dst, t.Nanosecond()/1000, 6)
	return append(dst, 'Z', '"')
}

// appendDigits appends n in exactly width digits.
func appendDigits(dst []byte, n, width int) []byte {
	at := len(dst)
	dst = append(dst, "000000"[:width]...)
	for i := at + width - 1; n > 0; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// clip shortens a name from a request for a message.
func clip(s string) string {
	const max = 64
	if len(s) <= max {
		return s
	}
	return s[:max] + "…"
}
