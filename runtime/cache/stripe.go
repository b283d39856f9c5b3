package cache

import (
	"sync"
	"sync/atomic"

	"github.com/beds-project/beds/runtime"
)

const (
	// stripeCount keeps readers on different cores out of each other's way; the bound
	// of the whole cache is divided among the stripes.
	stripeCount = 64
	// slotCount is how finely a stripe remembers invalidations: records in one slot
	// spoil each other's reads under way, and nothing else.
	slotCount = 64
)

// stripeOf and slotOf take bits of an id that are random in a UUIDv7.
func stripeOf(id runtime.GUID) int { return int(id[15]) % stripeCount }
func slotOf(id runtime.GUID) int   { return int(id[14]) % slotCount }

// place is where a record is kept.
type place struct {
	table *table
	id    runtime.GUID
}

// A stripe is a part of the cache with its own lock and its own share of the bound.
// What goes first is decided by SIEVE: a hand walks from the oldest record to the
// newest, spares each that was read since it last passed, and evicts the first that
// was not. A scan over records that nobody reads twice evicts only itself.
type stripe struct {
	mu          sync.Mutex
	records     map[place]*record
	oldest      *record
	newest      *record
	hand        *record
	bytes       int64
	maxBytes    int64
	maxEntries  int
	invalidated [slotCount]uint64 // moments
	evicted     *atomic.Int64
	forget      func(*record) // called with the lock, before a record goes
}

func (s *stripe) init(cfg Config, evicted *atomic.Int64) {
	s.records = map[place]*record{}
	s.maxBytes, s.maxEntries = cfg.Bytes/stripeCount, max(1, cfg.Entries/stripeCount)
	s.evicted = evicted
}

func (s *stripe) get(p place, now int64) []runtime.Row {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.records[p]
	if r == nil {
		return nil
	}
	if now >= r.expires || r.moment < p.table.cleared.Load() {
		s.remove(r)
		return nil
	}
	r.visited = true
	return r.rows[:]
}

// put keeps a record, unless it was invalidated after its read began or is too large;
// kept is called with the lock.
func (s *stripe) put(r *record, kept func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.bytes > s.maxBytes || s.invalidated[slotOf(r.id)] > r.moment || r.table.cleared.Load() > r.moment {
		return
	}
	if old := s.records[r.place]; old != nil {
		r.visited = old.visited
		s.remove(old)
	}
	for len(s.records) >= s.maxEntries || s.bytes+r.bytes > s.maxBytes {
		s.evict()
	}
	s.records[r.place] = r
	s.bytes += r.bytes
	r.older = s.newest
	if s.newest != nil {
		s.newest.newer = r
	} else {
		s.oldest = r
	}
	s.newest = r
	kept()
}

func (s *stripe) invalidate(p place, moment *atomic.Uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.invalidated[slotOf(p.id)] = moment.Add(1)
	if r := s.records[p]; r != nil {
		s.remove(r)
	}
}

// evict makes room for one record.
func (s *stripe) evict() {
	r := s.hand
	for {
		if r == nil {
			r = s.oldest
		}
		if !r.visited {
			break
		}
		r.visited = false
		r = r.newer
	}
	s.hand = r
	s.remove(r) // moves the hand on
	s.evicted.Add(1)
}

func (s *stripe) remove(r *record) {
	s.forget(r)
	delete(s.records, r.place)
	s.bytes -= r.bytes
	if s.hand == r {
		s.hand = r.newer
	}
	if r.older != nil {
		r.older.newer = r.newer
	} else {
		s.oldest = r.newer
	}
	if r.newer != nil {
		r.newer.older = r.older
	} else {
		s.newest = r.older
	}
}

func (s *stripe) size() (entries int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.records), s.bytes
}
