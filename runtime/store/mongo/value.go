package mongo

import (
	"fmt"

	beds "github.com/beds-project/beds/runtime"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// value appends a member in the form of its kind.
func (w *writer) value(key string, typ *beds.Type, v beds.Value) {
	if v.State != beds.Set {
		w.null(key)
		return
	}
	switch typ.Kind {
	case beds.Integer, beds.Timestamp:
		w.int64(key, v.Int)
	case beds.Boolean:
		w.bool(key, v.Int != 0)
	case beds.Float:
		w.float(key, v.Float)
	case beds.GUIDKind:
		w.guid(key, beds.GUIDOf(v))
	case beds.Decimal:
		w.decimal(key, v.Str, typ)
	case beds.Binary:
		w.binary(key, v.Str)
	case beds.Object, beds.Array:
		w.json(key, typ, v.Str)
	default:
		w.str(key, v.Str)
	}
}

func (w *writer) guid(key string, g beds.GUID) {
	w.b = bsoncore.AppendHeader(w.b, bsoncore.TypeString, key)
	w.b = bsoncore.AppendInt32(w.b, 37)
	w.b, _ = g.AppendText(w.b)
	w.b = append(w.b, 0)
}

func (w *writer) decimal(key, s string, typ *beds.Type) {
	var buf [40]byte
	text, err := appendSortable(buf[:0], s, typ.Precision, typ.Scale)
	if err != nil {
		w.fail(fmt.Errorf("%s: %w", key, err))
	}
	w.b = bsoncore.AppendHeader(w.b, bsoncore.TypeString, key)
	w.b = bsoncore.AppendInt32(w.b, int32(len(text)+1))
	w.b = append(append(w.b, text...), 0)
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// decodeValue reads a member of the form of its kind; another form is an error,
// since a record that BEDS did not write must not pass as one that it did.
func decodeValue(typ *beds.Type, e *element) (beds.Value, error) {
	if e.typ == bsoncore.TypeNull {
		return beds.NullValue(), nil
	}
	switch want := bsonType(typ.Kind); {
	case typ.Kind == beds.Integer, typ.Kind == beds.Timestamp:
		if i, ok := e.int(); ok {
			return beds.IntValue(i), nil
		}
		return beds.Value{}, wrongForm(typ, e)
	case typ.Kind == beds.Float:
		return decodeFloat(typ, e)
	case e.typ != want:
		return beds.Value{}, wrongForm(typ, e)
	}
	switch typ.Kind {
	case beds.Boolean:
		if e.bool() {
			return beds.IntValue(1), nil
		}
		return beds.IntValue(0), nil
	case beds.GUIDKind:
		g, err := beds.ParseGUID(e.string())
		return g.Value(), err
	case beds.Decimal:
		s, err := plainDecimal(e.string())
		return beds.StrValue(s), err
	case beds.Binary:
		return beds.StrValue(e.binary()), nil
	case beds.Object, beds.Array:
		text, err := appendJSON(nil, typ, e)
		return beds.StrValue(string(text)), err
	}
	return beds.StrValue(e.string()), nil
}

func decodeFloat(typ *beds.Type, e *element) (beds.Value, error) {
	if e.typ == bsoncore.TypeDouble {
		return beds.FloatValue(e.float()), nil
	}
	if i, ok := e.int(); ok {
		return beds.FloatValue(float64(i)), nil
	}
	return beds.Value{}, wrongForm(typ, e)
}

// bsonType is the form of a kind, but of numbers, which decodeValue reads leniently.
func bsonType(kind beds.Kind) bsoncore.Type {
	switch kind {
	case beds.Boolean:
		return bsoncore.TypeBoolean
	case beds.Binary:
		return bsoncore.TypeBinary
	case beds.Object:
		return bsoncore.TypeEmbeddedDocument
	case beds.Array:
		return bsoncore.TypeArray
	}
	return bsoncore.TypeString
}

func wrongForm(typ *beds.Type, e *element) error {
	return fmt.Errorf("%s is of BSON type %s, which is not the form of %s", e.key, e.typ, typ.Kind)
}
