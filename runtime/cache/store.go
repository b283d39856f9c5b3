package cache

import (
	"context"
	"errors"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// A Store is the store of one template behind the cache. Pages, counts and named
// queries always go to the store.
type Store struct {
	runtime.Store
	cache *Cache
	table *table
	peers *Peers
}

// Wrap puts a template's store behind the cache. With a life of 0 nothing is kept, but
// the other nodes hear of changes. All templates must be wrapped before the first
// request.
func Wrap(s runtime.Store, t *runtime.Template, life time.Duration, c *Cache, p *Peers) *Store {
	return &Store{Store: s, cache: c, table: c.add(t, life), peers: p}
}

// begin reports whether the cache may be used now.
func (s *Store) begin() (now int64, ok bool) {
	if s.table.life == 0 {
		return 0, false
	}
	now = s.cache.clock()
	if ok = s.peers.Serving(now); !ok {
		s.table.bypassed.Add(1)
	}
	return now, ok
}

// Get implements runtime.Store.
func (s *Store) Get(ctx context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	now, ok := s.begin()
	if !ok {
		return s.Store.Get(ctx, t, ids)
	}
	return through(s, now, ids,
		func(id *runtime.GUID) []runtime.Row { return s.cache.get(s.table, *id, now) },
		func(missing []runtime.GUID) ([]runtime.Row, error) { return s.Store.Get(ctx, t, missing) })
}

// Lookup implements runtime.Store.
func (s *Store) Lookup(ctx context.Context, t *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	u := s.table.uniqueOf(ix)
	now, ok := s.begin()
	if u == nil || !ok {
		return s.Store.Lookup(ctx, t, ix, keys)
	}
	return through(s, now, keys,
		func(key *runtime.UniqueKey) []runtime.Row { return s.cache.find(s.table, u, key, now) },
		func(missing []runtime.UniqueKey) ([]runtime.Row, error) { return s.Store.Lookup(ctx, t, ix, missing) })
}

// through takes from the cache what is there and reads the rest.
func through[K any](s *Store, now int64, sought []K, find func(*K) []runtime.Row, read func([]K) ([]runtime.Row, error)) ([]runtime.Row, error) {
	var rows []runtime.Row
	var missing []K
	for i := range sought {
		switch hit := find(&sought[i]); {
		case hit == nil && len(sought) == 1:
			missing = sought
		case hit == nil:
			missing = append(missing, sought[i])
		case len(sought) == 1:
			s.table.hits.Add(1)
			return hit, nil
		default:
			rows = append(rows, hit[0])
		}
	}
	s.table.hits.Add(int64(len(rows)))
	if len(missing) == 0 {
		return rows, nil
	}
	more, err := s.fill(now, len(missing), func() ([]runtime.Row, error) { return read(missing) })
	if err != nil {
		return nil, err
	}
	return append(rows, more...), nil
}

// fill reads from the store and keeps what it finds. The moment is taken before the
// read: what was invalidated since may be older than the invalidation.
func (s *Store) fill(now int64, sought int, read func() ([]runtime.Row, error)) ([]runtime.Row, error) {
	s.table.misses.Add(int64(sought))
	moment := s.cache.moment.Load()
	rows, err := read()
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		s.cache.put(s.table, row, moment, now)
	}
	return rows, nil
}

// Update implements runtime.Store.
func (s *Store) Update(ctx context.Context, t *runtime.Template, items []runtime.Update, atomic bool) ([]runtime.Outcome, error) {
	out, err := s.Store.Update(ctx, t, items, atomic)
	s.changed(ctx, err, len(items), func(i int) runtime.GUID { return items[i].ID })
	return out, err
}

// Delete implements runtime.Store.
func (s *Store) Delete(ctx context.Context, t *runtime.Template, items []runtime.Delete, atomic bool) ([]runtime.Outcome, error) {
	out, err := s.Store.Delete(ctx, t, items, atomic)
	s.changed(ctx, err, len(items), func(i int) runtime.GUID { return items[i].ID })
	return out, err
}

// changed forgets records here and on the other nodes, whatever the outcome of each:
// who is told that a record is stale or gone reads it next, and shall not find what was
// remembered.
func (s *Store) changed(ctx context.Context, err error, n int, id func(int) runtime.GUID) {
	if nothingDone(err) {
		return
	}
	ids := make([]runtime.GUID, n)
	for i := range ids {
		ids[i] = id(i)
	}
	s.cache.invalidate(s.table, ids)
	s.peers.Announce(ctx, s.table.template.Name, ids)
}

// Object implements runtime.Store. What an object of the DBA's does is not known, so
// the whole template is forgotten.
func (s *Store) Object(ctx context.Context, t *runtime.Template, name string, args []byte) ([]byte, error) {
	out, err := s.Store.Object(ctx, t, name, args)
	if !nothingDone(err) {
		s.cache.clear(s.table)
		s.peers.Announce(ctx, s.table.template.Name, nil)
	}
	return out, err
}

// nothingDone reports whether an error says that the store was not changed.
func nothingDone(err error) bool {
	var e *envelope.Error
	return errors.As(err, &e) && e.Class() != envelope.ClassUnknown && e.Class() != envelope.ClassInternal
}

var _ runtime.Store = (*Store)(nil)
