package mongo

import (
	"strconv"

	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// A writer builds one BSON document by appending. The first error sticks; it can
// only come from a value whose text is not what its kind promises.
type writer struct {
	b   []byte
	err error
}

func newWriter(size int) *writer { return &writer{b: make([]byte, 0, size)} }

// open begins the outermost document; close ends what an open… began.
func (w *writer) open() (at int32) {
	at, w.b = bsoncore.AppendDocumentStart(w.b)
	return at
}

func (w *writer) openDoc(key string) (at int32) {
	at, w.b = bsoncore.AppendDocumentElementStart(w.b, key)
	return at
}

func (w *writer) openArray(key string) (at int32) {
	at, w.b = bsoncore.AppendArrayElementStart(w.b, key)
	return at
}

func (w *writer) close(at int32) {
	w.b = append(w.b, 0)
	w.b = bsoncore.UpdateLength(w.b, at, int32(len(w.b))-at)
}

func (w *writer) str(key, s string)         { w.b = bsoncore.AppendStringElement(w.b, key, s) }
func (w *writer) int32(key string, i int32) { w.b = bsoncore.AppendInt32Element(w.b, key, i) }
func (w *writer) int64(key string, i int64) { w.b = bsoncore.AppendInt64Element(w.b, key, i) }
func (w *writer) bool(key string, v bool)   { w.b = bsoncore.AppendBooleanElement(w.b, key, v) }
func (w *writer) null(key string)           { w.b = bsoncore.AppendNullElement(w.b, key) }
func (w *writer) float(key string, f float64) {
	w.b = bsoncore.AppendDoubleElement(w.b, key, f)
}

// date takes milliseconds since 1970.
func (w *writer) date(key string, ms int64) { w.b = bsoncore.AppendDateTimeElement(w.b, key, ms) }

func (w *writer) binary(key, data string) {
	w.b = bsoncore.AppendHeader(w.b, bsoncore.TypeBinary, key)
	w.b = bsoncore.AppendInt32(w.b, int32(len(data)))
	w.b = append(append(w.b, 0), data...)
}

// raw appends a finished document.
func (w *writer) raw(key string, doc []byte) {
	w.b = bsoncore.AppendDocumentElement(w.b, key, doc)
}

// position is the key of an array's element.
func position(i int) string {
	if i < len(positions) {
		return positions[i]
	}
	return strconv.Itoa(i)
}

var positions = func() (p [1024]string) {
	for i := range p {
		p[i] = strconv.Itoa(i)
	}
	return p
}()
