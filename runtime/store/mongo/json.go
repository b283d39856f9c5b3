package mongo

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	beds "github.com/beds-project/beds/runtime"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonMember holds, as text, a value that no document holds exactly on every
// server: an array directly in an array, and an object with a member _id (which
// servers move to the front) or _json (which would look like this one).
const jsonMember = "_json"

// free is the type of whatever lies in a free object.
var free = &beds.Type{Kind: beds.Object}

func isFree(typ *beds.Type) bool { return typ.Kind == beds.Object && len(typ.Fields) == 0 }

// json appends an object or an array from its canonical text, value by value:
// nothing that a client wrote is ever decoded as extended JSON.
func (w *writer) json(key string, typ *beds.Type, text string) {
	s := jsonSource{
		text: text,
		// The runtime has refused duplicates already.
		dec: jsontext.NewDecoder(strings.NewReader(text), jsontext.AllowDuplicateNames(true)),
	}
	if err := s.value(w, key, typ, false); err != nil {
		w.fail(fmt.Errorf("%s: %w", key, err))
	}
}

// A jsonSource is canonical JSON while it is copied into a document.
type jsonSource struct {
	text string
	dec  *jsontext.Decoder
}

// start is the offset of the value or bracket whose first byte was read last.
func (s *jsonSource) start() int { return int(s.dec.InputOffset()) - 1 }

func (s *jsonSource) value(w *writer, key string, typ *beds.Type, inArray bool) error {
	tok, err := s.dec.ReadToken()
	if err != nil {
		return err
	}
	switch kind := tok.Kind(); {
	case kind == 'n':
		w.null(key)
	case kind == '[' && isFree(typ) && inArray:
		return s.asText(w, key, s.start())
	case kind == '[' && isFree(typ):
		return s.elements(w, key, free)
	case kind == '[' && typ.Kind == beds.Array:
		return s.elements(w, key, typ.Elem)
	case kind == '{' && typ.Kind == beds.Object:
		return s.members(w, key, typ)
	case isFree(typ):
		w.freeScalar(key, tok)
	default:
		v, err := beds.ParseText(typ, tok.String())
		if err != nil {
			return err
		}
		w.value(key, typ, v)
	}
	return nil
}

func (s *jsonSource) members(w *writer, key string, typ *beds.Type) error {
	begin, mark := s.start(), len(w.b)
	at := w.openDoc(key)
	for s.dec.PeekKind() != '}' {
		tok, err := s.dec.ReadToken()
		if err != nil {
			return err
		}
		name, sub := tok.String(), free
		if !isFree(typ) {
			f := subField(typ, name)
			if f == nil {
				return fmt.Errorf("the member %q is not declared", name)
			}
			sub = &f.Type
		} else if name == "_id" || name == jsonMember {
			w.b = w.b[:mark]
			if err := s.dec.SkipValue(); err != nil {
				return err
			}
			return s.asText(w, key, begin)
		}
		if err := s.value(w, name, sub, false); err != nil {
			return err
		}
	}
	w.close(at)
	_, err := s.dec.ReadToken()
	return err
}

func (s *jsonSource) elements(w *writer, key string, elem *beds.Type) error {
	at := w.openArray(key)
	for i := 0; s.dec.PeekKind() != ']'; i++ {
		if err := s.value(w, position(i), elem, true); err != nil {
			return err
		}
	}
	w.close(at)
	_, err := s.dec.ReadToken()
	return err
}

// asText skips to the end of the open object or array and keeps its text.
func (s *jsonSource) asText(w *writer, key string, begin int) error {
	for kind := s.dec.PeekKind(); kind != '}' && kind != ']'; kind = s.dec.PeekKind() {
		if err := s.dec.SkipValue(); err != nil {
			return err
		}
	}
	if _, err := s.dec.ReadToken(); err != nil {
		return err
	}
	at := w.openDoc(key)
	w.str(jsonMember, s.text[begin:s.dec.InputOffset()])
	w.close(at)
	return nil
}

// freeScalar keeps whole numbers of 64 bits as such; others are floats.
func (w *writer) freeScalar(key string, tok jsontext.Token) {
	switch tok.Kind() {
	case 't', 'f':
		w.bool(key, tok.Kind() == 't')
		return
	case '"':
		w.str(key, tok.String())
		return
	}
	if i, err := strconv.ParseInt(tok.String(), 10, 64); err == nil {
		w.int64(key, i)
		return
	}
	f, err := strconv.ParseFloat(tok.String(), 64)
	if err != nil {
		w.fail(fmt.Errorf("%s: %w", key, err))
	}
	w.float(key, f)
}

// subField finds a declared member; they are sorted by name.
func subField(typ *beds.Type, name string) *beds.SubField {
	i, ok := slices.BinarySearchFunc(typ.Fields, name, func(f beds.SubField, n string) int {
		return strings.Compare(f.Name, n)
	})
	if !ok {
		return nil
	}
	return &typ.Fields[i]
}
