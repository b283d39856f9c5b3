package mongo

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// A reader walks over the elements of a BSON document. It works on a string, so
// that a record is copied out of the network buffer once and its strings are parts
// of that copy. Lengths are checked: nothing that a server sends makes it panic.
type reader struct {
	rest string
	err  error
}

// An element is a member of a document; data is its undecoded value.
type element struct {
	typ  bsoncore.Type
	key  string
	data string
}

var errBSON = errors.New("the server sent a document that is not valid BSON")

func readDocument(doc string) reader {
	if n, ok := length(doc); !ok || n != len(doc) || n < 5 || doc[n-1] != 0 {
		return reader{err: errBSON}
	}
	return reader{rest: doc[4 : len(doc)-1]}
}

// length reads the leading int32.
func length(s string) (int, bool) {
	if len(s) < 4 {
		return 0, false
	}
	n := int(int32(uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24))
	return n, n >= 0
}

// next returns the next element; ok is false at the end and after an error.
func (r *reader) next() (e element, ok bool) {
	if r.err != nil || r.rest == "" {
		return e, false
	}
	e.typ = bsoncore.Type(r.rest[0])
	end := strings.IndexByte(r.rest[1:], 0)
	if end < 0 {
		r.err = errBSON
		return e, false
	}
	e.key = r.rest[1 : 1+end]
	r.rest = r.rest[end+2:]
	n, ok := valueSize(e.typ, r.rest)
	if !ok || n > len(r.rest) {
		r.err = errBSON
		return e, false
	}
	e.data, r.rest = r.rest[:n], r.rest[n:]
	return e, true
}

// valueSize knows the types that the store writes or a DBA may have written.
func valueSize(typ bsoncore.Type, s string) (int, bool) {
	switch typ {
	case bsoncore.TypeNull:
		return 0, true
	case bsoncore.TypeBoolean:
		return 1, true
	case bsoncore.TypeInt32:
		return 4, true
	case bsoncore.TypeInt64, bsoncore.TypeDouble, bsoncore.TypeDateTime, bsoncore.TypeTimestamp:
		return 8, true
	case bsoncore.TypeObjectID:
		return 12, true
	case bsoncore.TypeDecimal128:
		return 16, true
	}
	n, ok := length(s)
	switch typ {
	case bsoncore.TypeString:
		return n + 4, ok && n >= 1
	case bsoncore.TypeBinary:
		return n + 5, ok
	case bsoncore.TypeEmbeddedDocument, bsoncore.TypeArray:
		return n, ok && n >= 5
	}
	return 0, false
}

func (e *element) string() string { return e.data[4 : len(e.data)-1] }
func (e *element) binary() string { return e.data[5:] }

// bits reads eight bytes.
func (e *element) bits() uint64 {
	var b [8]byte
	copy(b[:], e.data)
	return binary.LittleEndian.Uint64(b[:])
}

func (e *element) float() float64 { return math.Float64frombits(e.bits()) }

// int accepts both widths and whole doubles: a DBA's shell writes what it likes.
func (e *element) int() (int64, bool) {
	switch e.typ {
	case bsoncore.TypeInt64:
		return int64(e.bits()), true
	case bsoncore.TypeInt32:
		return int64(int32(e.bits())), true
	case bsoncore.TypeDouble:
		f := e.float()
		i := int64(f)
		return i, float64(i) == f && math.Abs(f) < 1<<53
	}
	return 0, false
}

func (e *element) bool() bool { return e.data == "\x01" }
