package mongo

import (
	"strconv"

	beds "github.com/beds-project/beds/runtime"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

var (
	stringType = &beds.Type{Kind: beds.String}
	floatType  = &beds.Type{Kind: beds.Float}
)

// appendJSON appends the canonical text of an object, of an array or of what lies
// in them: byte for byte what writer.json was given.
func appendJSON(dst []byte, typ *beds.Type, e *element) ([]byte, error) {
	switch {
	case e.typ == bsoncore.TypeNull:
		return append(dst, "null"...), nil
	case isFree(typ):
		return appendFreeJSON(dst, e)
	case typ.Kind == beds.Object && e.typ == bsoncore.TypeEmbeddedDocument:
		return appendObject(dst, typ, e.data)
	case typ.Kind == beds.Array && e.typ == bsoncore.TypeArray:
		return appendArray(dst, typ.Elem, e.data)
	}
	v, err := decodeValue(typ, e)
	if err != nil {
		return dst, err
	}
	return beds.AppendValue(dst, typ, v), nil
}

func appendObject(dst []byte, typ *beds.Type, doc string) ([]byte, error) {
	r := readDocument(doc)
	dst = append(dst, '{')
	empty := len(dst)
	for e, ok := r.next(); ok; e, ok = r.next() {
		sub := free
		if !isFree(typ) {
			f := subField(typ, e.key)
			if f == nil { // a member of another version of the template
				continue
			}
			sub = &f.Type
		}
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		dst = append(beds.AppendValue(dst, stringType, beds.StrValue(e.key)), ':')
		var err error
		if dst, err = appendJSON(dst, sub, &e); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), r.err
}

func appendArray(dst []byte, elem *beds.Type, doc string) ([]byte, error) {
	r := readDocument(doc)
	dst = append(dst, '[')
	empty := len(dst)
	for e, ok := r.next(); ok; e, ok = r.next() {
		if len(dst) > empty {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendJSON(dst, elem, &e); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), r.err
}

func appendFreeJSON(dst []byte, e *element) ([]byte, error) {
	switch e.typ {
	case bsoncore.TypeEmbeddedDocument:
		if text, ok := textOf(e.data); ok {
			return append(dst, text...), nil
		}
		return appendObject(dst, free, e.data)
	case bsoncore.TypeArray:
		return appendArray(dst, free, e.data)
	case bsoncore.TypeBoolean:
		return strconv.AppendBool(dst, e.bool()), nil
	case bsoncore.TypeString:
		return beds.AppendValue(dst, stringType, beds.StrValue(e.string())), nil
	case bsoncore.TypeDouble:
		return beds.AppendValue(dst, floatType, beds.FloatValue(e.float())), nil
	}
	if i, ok := e.int(); ok {
		return strconv.AppendInt(dst, i, 10), nil
	}
	return dst, wrongForm(free, e)
}

// textOf returns the text of {"_json": text}.
func textOf(doc string) (string, bool) {
	r := readDocument(doc)
	e, ok := r.next()
	if !ok || e.key != jsonMember || e.typ != bsoncore.TypeString || r.rest != "" {
		return "", false
	}
	return e.string(), true
}
