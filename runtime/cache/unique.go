package cache

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"sync"

	"github.com/beds-project/beds/runtime"
)

// maxKeys is how many fields an index has at most.
const maxKeys = 4

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
		ix := &t.Indexes[i]
		if ix.Unique && len(ix.Where) == 0 && len(ix.Keys) <= maxKeys && ix.Keys[0].Field != runtime.FieldID {
			list = append(list, unique{ix, uint64(i)})
		}
	}
	return list
}

// refs lead from a unique key to an id. A key is kept as its hash: the record that is
// found must hold the key itself. References live and go with their records, so that
// they need no bound of their own.
type refs struct {
	mu  sync.Mutex
	ids map[uint64]runtime.GUID
}

// values are those of a unique key.
type values [maxKeys]runtime.Value

// hash is that of a unique key.
func (c *Cache) hash(t *table, u *unique, v *values) uint64 {
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

// of takes a record's values of the key; ok is false where one is not set.
func (u *unique) of(row runtime.Row) (v values, ok bool) {
	for i, k := range u.index.Keys {
		v[i] = row[k.Field]
		if v[i].State != runtime.Set {
			return v, false
		}
	}
	return v, true
}

// sought takes the values that a search wants; ok is false unless it wants the record
// of one key and no page of it.
func (u *unique) sought(f *runtime.Find) (v values, ok bool) {
	if len(f.Terms) != len(u.index.Keys) {
		return v, false
	}
	for i, k := range u.index.Keys {
		for j := range f.Terms {
			if f.Terms[j].Field == k.Field && f.Terms[j].Op == runtime.Eq {
				v[i] = f.Terms[j].Value
			}
		}
		if v[i].State != runtime.Set {
			return v, false
		}
	}
	return v, true
}

// find returns the record that holds a unique key, or nil.
func (c *Cache) find(t *table, u *unique, v *values, now int64) []runtime.Row {
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
	for i, k := range u.index.Keys {
		if rows[0][k.Field] != v[i] {
			return nil // two keys with one hash
		}
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
		if v, ok := u.of(rec.rows[0]); ok {
			h := c.hash(rec.table, u, &v)
			r := &c.refs[h%stripeCount]
			r.mu.Lock()
			do(r, h)
			r.mu.Unlock()
		}
	}
}
