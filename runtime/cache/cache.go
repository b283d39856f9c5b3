// Package cache answers reads from the node's memory: fetches by id, and by equality
// with all fields of a unique index, of templates that ask for it. Records are kept as
// the store gave them, before projection, for at most the template's duration.
//
// What makes it safe to use:
//
//   - A record is found by a unique key in two steps, key to id to record, and the record
//     must still hold the key. So an invalidation by id covers every key, old and new,
//     that a record had, and nobody has to know the keys before a change.
//   - Absent records are not remembered, so that an insert has nothing to invalidate.
//   - A read that began before an invalidation of its record cannot store its result.
//   - A write is acknowledged after the other nodes have forgotten the record, see [Peers].
package cache

import (
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
)

// Config bounds a cache.
type Config struct {
	Entries int   // records
	Bytes   int64 // of records, with what it takes to find them; 0 keeps none
}

// A Cache keeps records of many templates within one bound.
type Cache struct {
	clock  func() int64 // nanoseconds, monotonic
	seed   maphash.Seed
	tables map[string]*table // by template; complete before the first request

	// moment counts invalidations. A read notes it before it asks the store.
	moment  atomic.Uint64
	evicted atomic.Int64
	stripes [stripeCount]stripe
	refs    [stripeCount]refs
}

// A table is a template in the cache.
type table struct {
	template *runtime.Template
	number   uint64
	life     int64 // nanoseconds; 0 keeps nothing
	unique   []unique
	// cleared is the moment of the last invalidation of all records.
	cleared atomic.Uint64

	hits, misses, bypassed, invalidated atomic.Int64
}

// New makes an empty cache.
func New(cfg Config) *Cache {
	begin := time.Now()
	c := &Cache{seed: maphash.MakeSeed(), tables: map[string]*table{}, clock: func() int64 { return int64(time.Since(begin)) }}
	for i := range c.stripes {
		c.stripes[i].init(cfg, &c.evicted)
		c.stripes[i].forget = c.unlink
		c.refs[i].ids = map[uint64]runtime.GUID{}
	}
	return c
}

// add gives a template its table.
func (c *Cache) add(t *runtime.Template, life time.Duration) *table {
	tab := &table{template: t, number: uint64(len(c.tables)), life: int64(life), unique: uniqueIndexes(t)}
	c.tables[t.Name] = tab
	return tab
}

// get returns the record of an id as a list of one, or nil. Nobody may change it.
func (c *Cache) get(t *table, id runtime.GUID, now int64) []runtime.Row {
	return c.stripes[stripeOf(id)].get(place{t, id}, now)
}

// put keeps a record that was read from the store. The read began at the moment and
// the time given; a record that was invalidated since is not kept.
func (c *Cache) put(t *table, row runtime.Row, moment uint64, began int64) {
	id := runtime.GUIDOf(row[runtime.FieldID])
	r := newRecord(place{t, id}, row, moment, began+t.life)
	c.stripes[stripeOf(id)].put(r, func() { c.link(r) })
}

// invalidate forgets the records of these ids, and what is being read of them.
func (c *Cache) invalidate(t *table, ids []runtime.GUID) {
	t.invalidated.Add(int64(len(ids)))
	for _, id := range ids {
		c.stripes[stripeOf(id)].invalidate(place{t, id}, &c.moment)
	}
}

// clear forgets all records of a template. They stay in memory until they are sought
// or evicted.
func (c *Cache) clear(t *table) {
	t.invalidated.Add(1)
	now := c.moment.Add(1)
	for old := t.cleared.Load(); old < now && !t.cleared.CompareAndSwap(old, now); old = t.cleared.Load() {
	}
}

// Clear forgets everything.
func (c *Cache) Clear() {
	for _, t := range c.tables {
		c.clear(t)
	}
}

// Invalidate forgets the records of a template with these ids, or, with all, every one.
func (c *Cache) Invalidate(template string, ids []runtime.GUID, all bool) {
	switch t := c.tables[template]; {
	case t == nil: // cached elsewhere
	case all:
		c.clear(t)
	default:
		c.invalidate(t, ids)
	}
}

// Stats is a snapshot.
type Stats struct {
	Entries, Bytes, Evicted int64
	Templates               map[string]TemplateStats
}

// TemplateStats are totals since the start.
type TemplateStats struct {
	Hits, Misses int64
	Bypassed     int64 // reads that went to the store because invalidations might have been missed
	Invalidated  int64 // records forgotten because they were or may have been changed
}

// Stats returns a snapshot.
func (c *Cache) Stats() Stats {
	s := Stats{Evicted: c.evicted.Load(), Templates: make(map[string]TemplateStats, len(c.tables))}
	for i := range c.stripes {
		entries, bytes := c.stripes[i].size()
		s.Entries += int64(entries)
		s.Bytes += bytes
	}
	for name, t := range c.tables {
		s.Templates[name] = TemplateStats{t.hits.Load(), t.misses.Load(), t.bypassed.Load(), t.invalidated.Load()}
	}
	return s
}
