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
	if len(ids) == 1 {
		if rows := s.cache.get(s.table, ids[0], now); rows != nil {
			s.table.hits.Add(1)
			return rows, nil
		}
		return s.fill(now, 1, func() ([]runtime.Row, error) { return s.Store.Get(ctx, t, ids) })
	}
	var rows []runtime.Row
	var missing []runtime.GUID
	for _, id := range ids {
		if hit := s.cache.get(s.table, id, now); hit != nil {
			rows = append(rows, hit[0])
		} else {
			missing = append(missing, id)
		}
	}
	s.table.hits.Add(int64(len(rows)))
	if len(missing) == 0 {
		return rows, nil
	}
	read, err := s.fill(now, len(missing), func() ([]runtime.Row, error) { return s.Store.Get(ctx, t, missing) })
	if err != nil {
		return nil, err
	}
	return append(rows, read...), nil
}

// Find implements runtime.Store.
func (s *Store) Find(ctx context.Context, t *runtime.Template, f *runtime.Find) ([]runtime.Row, error) {
	read := func() ([]runtime.Row, error) { return s.Store.Find(ctx, t, f) }
	u := s.uniqueOf(f)
	if u == nil {
		return read()
	}
	v, ok := u.sought(f)
	if !ok {
		return read()
	}
	now, ok := s.begin()
	if !ok {
		return read()
	}
	if rows := s.cache.find(s.table, u, &v, now); rows != nil {
		s.table.hits.Add(1)
		return rows, nil
	}
	return s.fill(now, 1, read)
}

// uniqueOf returns the unique index that a search may go by.
func (s *Store) uniqueOf(f *runtime.Find) *unique {
	if f.Index == nil || f.After != nil || f.Limit < 1 {
		return nil
	}
	for i := range s.table.unique {
		if s.table.unique[i].index == f.Index {
			return &s.table.unique[i]
		}
	}
	return nil
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
