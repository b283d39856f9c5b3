package runtime

import (
	"bytes"
	"fmt"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json/jsontext"
)

// AppendRow appends a record as a JSON object with public names. A nil projection
// means every field; secret fields and Missing values are left out.
func AppendRow(dst []byte, t *Template, row Row, projection []int) []byte {
	dst = append(dst, '{')
	empty := true
	add := func(i int) {
		f := &t.Fields[i]
		if f.Secret || row[i].State == Missing {
			return
		}
		if !empty {
			dst = append(dst, ',')
		}
		empty = false
		dst = append(dst, '"')
		dst = append(dst, f.Public...)
		dst = append(dst, '"', ':')
		dst = AppendValue(dst, &f.Type, row[i])
	}
	if projection == nil {
		for i := range t.Fields {
			add(i)
		}
	}
	for _, i := range projection {
		add(i)
	}
	return append(dst, '}')
}

// DecodeRow reads a record as AppendRow wrote it; a client uses it. Unknown
// members are skipped, so that an older client can talk to a newer node.
func DecodeRow(t *Template, data []byte) (Row, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if dec.PeekKind() != '{' {
		return nil, fmt.Errorf("template %s: a record must be an object", t.Name)
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	row := make(Row, len(t.Fields))
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		i := t.FieldIndex(tok.String())
		if i < 0 {
			if err := dec.SkipValue(); err != nil {
				return nil, err
			}
			continue
		}
		v, p, err := decodeValue(dec, &t.Fields[i].Type)
		if err != nil {
			return nil, err
		}
		if p != nil {
			return nil, fmt.Errorf("template %s: field %s %w", t.Name, t.Fields[i].Public, p)
		}
		row[i] = v
	}
	return row, nil
}

// details gathers the errors of one request; they all come in one reply.
type details []envelope.Detail

// maxDetails bounds what one reply reports.
const maxDetails = 100

func (d *details) add(field string, code envelope.Code, format string, args ...any) {
	if len(*d) < maxDetails {
		*d = append(*d, envelope.Detail{Field: clip(field), Code: code, Message: fmt.Sprintf(format, args...)})
	}
}

// err is nil without details; with one, its code is the error's own.
func (d details) err() error {
	switch len(d) {
	case 0:
		return nil
	case 1:
		return &envelope.Error{Code: d[0].Code, Message: d[0].Field + " " + d[0].Message, Details: d}
	}
	return &envelope.Error{Code: envelope.Invalid,
		Message: fmt.Sprintf("the request has %d errors; details lists them", len(d)), Details: d}
}
