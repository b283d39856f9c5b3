package runtime

import (
	"bytes"
	"strconv"
	"sync"
	"unsafe"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json/jsontext"
)

// A memberDecoder is pooled, because a decoder's tables cost more than what most
// requests hold.
type memberDecoder struct {
	src  bytes.Reader
	json jsontext.Decoder
	out  []byte // where canonical JSON is put together
}

// keepOut bounds the buffer that a pooled decoder keeps.
const keepOut = 64 << 10

var members = sync.Pool{New: func() any { return new(memberDecoder) }}

func (d *memberDecoder) reset(data []byte) *jsontext.Decoder {
	d.src.Reset(data)
	d.json.Reset(&d.src, jsontext.AllowDuplicateNames(true))
	return &d.json
}

func (d *memberDecoder) release() {
	d.src.Reset(nil)
	if cap(d.out) > keepOut {
		d.out = nil
	}
	members.Put(d)
}

// eachMember calls member for every member of a JSON object. The body was checked
// by the envelope's decoder, so syntax and duplicate names are in order.
func eachMember(data jsontext.Value, what string, member func(name string, dec *jsontext.Decoder) error) error {
	if len(data) == 0 {
		return nil
	}
	pooled := members.Get().(*memberDecoder)
	defer pooled.release()
	dec := pooled.reset(data)
	if dec.PeekKind() != '{' {
		return envelope.Errorf(envelope.BadType, "%s must be an object", what)
	}
	if _, err := dec.ReadToken(); err != nil {
		return envelope.Wrap(envelope.Malformed, err, what+" is not JSON")
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadValue()
		if err != nil {
			return envelope.Wrap(envelope.Malformed, err, what+" is not JSON")
		}
		if err := member(memberName(data, name, dec.InputOffset()), dec); err != nil {
			return err
		}
	}
	return nil
}

// memberName is the name that was read last, up to end. Written without escapes, as
// names are, it is part of the data and nothing is copied: a request's body does not change.
func memberName(data, quoted jsontext.Value, end int64) string {
	if bytes.IndexByte(quoted, '\\') >= 0 {
		name, _ := jsontext.AppendUnquote(nil, quoted) //nolint:errcheck // the decoder has checked it
		return string(name)
	}
	name := data[int(end)-len(quoted)+1 : end-1]
	return unsafe.String(unsafe.SliceData(name), len(name))
}

// decodeInsert reads the data of a write: defaults applied, every declared field
// Set or Null.
func decodeInsert(t *Template, data jsontext.Value) (Row, error) {
	row, errs, err := decodeFields(t, data, nil)
	if err != nil {
		return nil, err
	}
	for i := t.systemFields(); i < len(t.Fields); i++ {
		f := &t.Fields[i]
		if row[i].State == Missing {
			if f.HasDefault {
				row[i] = f.value
				continue
			}
			row[i] = NullValue()
		}
		if f.Required && row[i].State == Null && !errs.has(f.Public) {
			errs.add(f.Public, envelope.Required, "is required")
		}
	}
	return row, errs.err()
}

// decodeUpdate reads the data of an update: id, revision and the fields to change.
func decodeUpdate(t *Template, data jsontext.Value) (id GUID, revision int64, row Row, err error) {
	var target target
	row, errs, err := decodeFields(t, data, &target)
	if err != nil {
		return id, 0, nil, err
	}
	changes := 0
	for i := t.systemFields(); i < len(t.Fields); i++ {
		if row[i].State == Missing {
			continue
		}
		changes++
		if f := &t.Fields[i]; f.Required && row[i].State == Null {
			errs.add(f.Public, envelope.Required, "is required and cannot be set to null")
		}
	}
	target.check(t, &errs)
	if changes == 0 && len(errs) == 0 {
		errs.add("data", envelope.Required, "names no field to change")
	}
	return target.id, target.revision, row, errs.err()
}

// decodeDelete reads the data of a delete: id and revision.
func decodeDelete(t *Template, data jsontext.Value) (id GUID, revision int64, err error) {
	var target target
	_, errs, err := decodeFields(t, data, &target)
	if err != nil {
		return id, 0, err
	}
	target.check(t, &errs)
	return target.id, target.revision, errs.err()
}

// target is the record that an update or a delete is about.
type target struct {
	id          GUID
	revision    int64
	hasID       bool
	hasRevision bool
}

func (g *target) check(t *Template, errs *details) {
	if !g.hasID && !errs.has("id") {
		errs.add("id", envelope.Required, "is required")
	}
	if t.Behaviour.Locking && !g.hasRevision && !errs.has("revision") {
		errs.add("revision", envelope.Required, "is required: it is the revision that the change is based on")
	}
}

func (g *target) take(i int, v Value) {
	if i == FieldID {
		g.id, g.hasID = GUIDOf(v), true
	} else {
		g.revision, g.hasRevision = v.Int, true
	}
}

func (d details) has(field string) bool {
	for i := range d {
		if d[i].Field == field {
			return true
		}
	}
	return false
}

// systemFields is the number of system fields, which come first.
func (t *Template) systemFields() int {
	if t.SoftDeletes() {
		return FieldDeleted + 1
	}
	return FieldDeleted
}

// decodeFields reads members by public name into a row. With a target, id and
// revision are read into it; the other system fields are never the caller's.
func decodeFields(t *Template, data jsontext.Value, g *target) (Row, details, error) {
	row := make(Row, len(t.Fields))
	var errs details
	err := eachMember(data, "data", func(name string, dec *jsontext.Decoder) error {
		i := t.FieldIndex(name)
		if i < 0 {
			errs.add(name, envelope.UnknownField, "is not a field of %s%s", t.Name, t.meant(name, errs))
			return skip(dec)
		}
		f := &t.Fields[i]
		isTarget := g != nil && (i == FieldID || i == FieldRevision)
		if !isTarget && (f.Protected || i < t.systemFields()) {
			errs.add(name, envelope.Protected, "is read-only for callers")
			return skip(dec)
		}
		v, p, err := decodeValue(dec, &f.Type)
		switch {
		case err != nil:
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		case p != nil:
			errs.add(name, p.code, "%s", p.message)
		case isTarget && v.State == Null:
			errs.add(name, envelope.Required, "must not be null")
		case isTarget && i == FieldRevision && v.Int < 1:
			errs.add(name, envelope.BadValue, "must be at least 1")
		case isTarget:
			g.take(i, v)
		default:
			row[i] = v
		}
		return nil
	})
	return row, errs, err
}

func skip(dec *jsontext.Decoder) error {
	if err := dec.SkipValue(); err != nil {
		return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
	}
	return nil
}

// decodeObject reads the data of an object call: its name and arguments.
func decodeObject(req *Request) (name string, args []byte, err error) {
	args = []byte("{}")
	err = eachMember(req.Data, "data", func(member string, dec *jsontext.Decoder) error {
		switch {
		case member == "name" && dec.PeekKind() == '"':
			tok, _ := dec.ReadToken()
			name = tok.String()
		case member == "args" && dec.PeekKind() == '{':
			v, err := dec.ReadValue()
			if err != nil {
				return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
			}
			args = bytes.Clone(v)
		default:
			return envelope.Errorf(envelope.UnknownMember, "data takes name (a string) and args (an object), not %q", clip(member))
		}
		return nil
	})
	if err == nil && !validObjectName(name) {
		err = envelope.Errorf(envelope.BadValue, "name must be 1 to 40 of a-z, 0-9 and _")
	}
	return name, args, err
}

func validObjectName(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return true
}

// answerArray turns a JSON array of rows into an answer.
func answerArray(raw []byte) (*Answer, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	if dec.PeekKind() != '[' {
		return nil, envelope.Errorf(envelope.Internal, "the object gave no rows")
	}
	dec.ReadToken() //nolint:errcheck // an opening bracket was seen
	a := new(Answer)
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			return nil, envelope.Wrap(envelope.Internal, err, "the object gave rows that are not JSON")
		}
		if a.Count > 0 {
			a.Raw = append(a.Raw, ',')
		}
		a.Raw = append(a.Raw, v...)
		a.Count++
	}
	return a, nil
}

// names quotes a list of names for a message.
func names(list []string) string {
	b := []byte(nil)
	for i, s := range list {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendQuote(b, s)
	}
	return string(b)
}
