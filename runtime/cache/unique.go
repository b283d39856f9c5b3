package cache

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync"

	"github.com/beds-project/beds/runtime"
)

// refBytes is about what one reference takes.
const refBytes = 48

// A unique is an index whose fields together name one record.
type unique struct {
	index  *runtime.Index
	number uint64
}

// uniqueIndexes are those that hold every record; a partial index does not.
func uniqueIndexes(t *runtime.Template) []unique {
	var list []unique
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; ix.Identifies() {
			list = append(list, unique{ix, uint64(i)})
		}
	}
	return list
}

// uniqueOf returns an index of the table that identifies records, or nil.
func (t *table) uniqueOf(ix *runtime.Index) *unique {
	for i := range t.unique {
		if t.unique[i].index == ix {
			return &t.unique[i]
		}
	}
	return nil
}

// refs lead from a unique key to an id. A key is kept as its hash: the record that is
// found must hold the key itself. References live and go with their records, so that
// they need no bound of their own.
type refs struct {
	mu  sync.Mutex
	ids map[uint64]runtime.GUID
}

// hash is that of a unique key.
func (c *Cache) hash(t *table, u *unique, v *runtime.UniqueKey) uint64 {
	var h maphash.Hash
	h.SetSeed(c.seed)
	var word [8]byte
	number := func(n uint64) {
		binary.LittleEndian.PutUint64(word[:], n)
		h.Write(word[:]) //nolint:errcheck // never fails
	}
	number(t.number<<32 | u.number)
	for i := range u.index.Keys {
		number(uint64(v[i].Int))
		number(math.Float64bits(v[i].Float))
		number(uint64(len(v[i].Str)))
		h.WriteString(v[i].Str) //nolint:errcheck // never fails
	}
	return h.Sum64()
}

// find returns the record that holds a unique key, or nil.
func (c *Cache) find(t *table, u *unique, v *runtime.UniqueKey, now int64) []runtime.Row {
	h := c.hash(t, u, v)
	r := &c.refs[h%stripeCount]
	r.mu.Lock()
	id, ok := r.ids[h]
	r.mu.Unlock()
	if !ok {
		return nil
	}
	rows := c.get(t, id, now)
	if rows == nil {
		return nil
	}
	if held, _ := u.index.KeyOf(rows[0]); held != *v {
		return nil // two keys with one hash
	}
	return rows
}

// link makes a record's unique keys lead to it; its stripe is locked.
func (c *Cache) link(rec *record) {
	c.eachKey(rec, func(r *refs, h uint64) { r.ids[h] = rec.id })
}

// unlink is called before a record goes; its stripe is locked.
func (c *Cache) unlink(rec *record) {
	c.eachKey(rec, func(r *refs, h uint64) {
		if r.ids[h] == rec.id {
			delete(r.ids, h)
		}
	})
}

func (c *Cache) eachKey(rec *record, do func(*refs, uint64)) {
	for i := range rec.table.unique {
		u := &rec.table.unique[i]
		if v, ok := u.index.KeyOf(rec.rows[0]); ok {
			h := c.hash(rec.table, u, &v)
			r := &c.refs[h%stripeCount]
			r.mu.Lock()
			do(r, h)
			r.mu.Unlock()
		}
	}
}
