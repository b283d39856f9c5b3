// Package group gathers requests that wait at the same moment for the same
// procedure into one call of the store: reads by id or unique key, inserts, updates and
// deletes.
// A request that is alone goes out at once; nothing ever waits for company. What one
// caller asks for together, the writes of a batch, stays together.
package group

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/deadline"
	"github.com/beds-project/beds/runtime/envelope"
)

// Config bounds the grouping. Zero fields take the defaults.
type Config struct {
	// Max is how many items are put together in one call; the default is 256. What one
	// caller asks for together goes out together, even if it is more.
	Max int
	// Calls is how many calls of one kind on one template may be under way before
	// requests begin to gather; the default is 2.
	Calls int
	// Waiting bounds the items that gather for one kind on one template; what
	// exceeds it is refused as busy. The default is 4096.
	Waiting int
}

// A Store groups the calls of the store that it wraps.
type Store struct {
	runtime.Store
	cfg   Config
	mu    sync.RWMutex
	lanes map[*runtime.Template]*lanes
	stats counters
}

type counters struct{ calls, items, refused atomic.Int64 }

// Stats are totals since the start, and what waits.
type Stats struct {
	Calls   int64 // calls of the wrapped store
	Items   int64 // requests that they served
	Refused int64 // requests refused because too many were waiting
	Waiting int   // requests that wait at present
}

// New wraps a store.
func New(s runtime.Store, cfg Config) *Store {
	if cfg.Max <= 0 {
		cfg.Max = 256
	}
	if cfg.Calls <= 0 {
		cfg.Calls = 2
	}
	if cfg.Waiting <= 0 {
		cfg.Waiting = 4096
	}
	return &Store{Store: s, cfg: cfg, lanes: map[*runtime.Template]*lanes{}}
}

// Stats returns a snapshot of the totals.
func (s *Store) Stats() Stats {
	st := Stats{Calls: s.stats.calls.Load(), Items: s.stats.items.Load(), Refused: s.stats.refused.Load()}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, l := range s.lanes {
		st.Waiting += l.get.length() + l.insert.length() + l.update.length() + l.delete.length()
		for i := range l.lookups {
			st.Waiting += l.lookups[i].length()
		}
	}
	return st
}

// lanes are the queues of one template, one for each kind of call.
type lanes struct {
	get lane[runtime.GUID, runtime.Row]
	// lookups are those by a unique key, one lane for each index of the template.
	lookups []lane[runtime.UniqueKey, runtime.Row]

	insert lane[runtime.Insert, runtime.Outcome]
	update lane[runtime.Update, runtime.Outcome]
	delete lane[runtime.Delete, runtime.Outcome]
}

func (s *Store) of(t *runtime.Template) *lanes {
	s.mu.RLock()
	l := s.lanes[t]
	s.mu.RUnlock()
	if l != nil {
		return l
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l = s.lanes[t]; l == nil {
		l = s.newLanes(t)
		s.lanes[t] = l
	}
	return l
}

func (s *Store) newLanes(t *runtime.Template) *lanes {
	l := new(lanes)
	l.get.init(s, envelope.DeadlinePassed, func(ctx context.Context, ids []runtime.GUID) ([]runtime.Row, error) {
		rows, err := s.Store.Get(ctx, t, ids)
		return byID(ids, rows), err
	})
	l.lookups = make([]lane[runtime.UniqueKey, runtime.Row], len(t.Indexes))
	for i := range l.lookups {
		ix := &t.Indexes[i]
		l.lookups[i].init(s, envelope.DeadlinePassed, func(ctx context.Context, keys []runtime.UniqueKey) ([]runtime.Row, error) {
			rows, err := s.Store.Lookup(ctx, t, ix, keys)
			return byKey(ix, keys, rows), err
		})
	}
	l.insert.init(s, envelope.Unknown, func(ctx context.Context, items []runtime.Insert) ([]runtime.Outcome, error) {
		return s.Store.Insert(ctx, t, items, false)
	})
	l.update.init(s, envelope.Unknown, func(ctx context.Context, items []runtime.Update) ([]runtime.Outcome, error) {
		return s.Store.Update(ctx, t, items, false)
	})
	l.delete.init(s, envelope.Unknown, func(ctx context.Context, items []runtime.Delete) ([]runtime.Outcome, error) {
		return s.Store.Delete(ctx, t, items, false)
	})
	return l
}

// byID puts each row beside the id that asked for it; absent ones are nil.
func byID(ids []runtime.GUID, rows []runtime.Row) []runtime.Row {
	return beside(ids, rows, func(r runtime.Row) runtime.GUID { return runtime.GUIDOf(r[runtime.FieldID]) })
}

// byKey does the same with the keys of a unique index. Values are in canonical form,
// so that equal ones are the same.
func byKey(ix *runtime.Index, keys []runtime.UniqueKey, rows []runtime.Row) []runtime.Row {
	return beside(keys, rows, func(r runtime.Row) runtime.UniqueKey {
		key, _ := ix.KeyOf(r)
		return key
	})
}

func beside[K comparable](sought []K, rows []runtime.Row, keyOf func(runtime.Row) K) []runtime.Row {
	if len(sought) == 1 && len(rows) == 1 {
		return rows
	}
	found := make(map[K]runtime.Row, len(rows))
	for _, r := range rows {
		found[keyOf(r)] = r
	}
	out := make([]runtime.Row, len(sought))
	for i, k := range sought {
		out[i] = found[k]
	}
	return out
}

// Get gathers reads by id.
func (s *Store) Get(ctx context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := s.of(t).get.do(ctx, ids)
	return present(rows), err
}

// Lookup gathers reads by the same unique index.
func (s *Store) Lookup(ctx context.Context, t *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	at := slices.IndexFunc(t.Indexes, func(other runtime.Index) bool { return other.Name == ix.Name })
	if len(keys) == 0 || at < 0 {
		return s.Store.Lookup(ctx, t, ix, keys)
	}
	rows, err := s.of(t).lookups[at].do(ctx, keys)
	return present(rows), err
}

// present leaves out what was not found.
func present(rows []runtime.Row) []runtime.Row {
	return slices.DeleteFunc(rows, func(r runtime.Row) bool { return r == nil })
}

// Insert gathers inserts.
func (s *Store) Insert(ctx context.Context, t *runtime.Template, items []runtime.Insert, atomic bool) ([]runtime.Outcome, error) {
	if atomic || len(items) == 0 {
		return s.Store.Insert(ctx, t, items, atomic)
	}
	return s.of(t).insert.do(ctx, items)
}

// Update gathers updates.
func (s *Store) Update(ctx context.Context, t *runtime.Template, items []runtime.Update, atomic bool) ([]runtime.Outcome, error) {
	if atomic || len(items) == 0 {
		return s.Store.Update(ctx, t, items, atomic)
	}
	return s.of(t).update.do(ctx, items)
}

// Delete gathers deletes.
func (s *Store) Delete(ctx context.Context, t *runtime.Template, items []runtime.Delete, atomic bool) ([]runtime.Outcome, error) {
	if atomic || len(items) == 0 {
		return s.Store.Delete(ctx, t, items, atomic)
	}
	return s.of(t).delete.do(ctx, items)
}

// A lane gathers requests of one kind. While fewer than Calls calls are under
// way a request starts one; otherwise it waits, and the next call to end takes
// what waits, up to Max items.
type lane[In, Out any] struct {
	call    func(context.Context, []In) ([]Out, error)
	store   *Store
	late    envelope.Code // what a caller whose deadline passes in the meantime gets
	mu      sync.Mutex
	flying  int
	waiting []*ticket[In, Out]
	items   int // of those that wait
}

// A ticket is what one caller asks for: an item, or several that stay together.
type ticket[In, Out any] struct {
	ctx  context.Context
	in   []In
	out  []Out
	err  error
	done chan struct{}
}

func (l *lane[In, Out]) init(s *Store, late envelope.Code, call func(context.Context, []In) ([]Out, error)) {
	l.store, l.late, l.call = s, late, call
}

func (l *lane[In, Out]) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.waiting)
}

func (l *lane[In, Out]) do(ctx context.Context, in []In) ([]Out, error) {
	l.mu.Lock()
	if l.flying < l.store.cfg.Calls {
		l.flying++
		l.mu.Unlock()
		return l.alone(ctx, in)
	}
	if l.items > 0 && l.items+len(in) > l.store.cfg.Waiting {
		l.mu.Unlock()
		l.store.stats.refused.Add(int64(len(in)))
		return nil, envelope.Errorf(envelope.Busy, "too many requests wait for the store")
	}
	t := &ticket[In, Out]{ctx: ctx, in: in, done: make(chan struct{})}
	l.waiting = append(l.waiting, t)
	l.items += len(in)
	l.mu.Unlock()
	if !deadline.Wait(ctx, t.done) {
		return l.abandon(t)
	}
	return t.out, t.err
}

// alone makes a call for one caller, then sees to those that have come meanwhile.
func (l *lane[In, Out]) alone(ctx context.Context, in []In) ([]Out, error) {
	l.count(len(in))
	out, err := l.safely(ctx, in)
	l.next()
	return out, err
}

func (l *lane[In, Out]) count(items int) {
	l.store.stats.calls.Add(1)
	l.store.stats.items.Add(int64(items))
}

// abandon withdraws a ticket that still waits; one that is under way has an
// outcome that its caller will not learn in time.
func (l *lane[In, Out]) abandon(t *ticket[In, Out]) ([]Out, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := slices.Index(l.waiting, t); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
		l.items -= len(t.in)
		return nil, envelope.Errorf(envelope.DeadlinePassed, "the deadline passed before the work began")
	}
	return nil, envelope.Errorf(l.late, "the deadline passed while the store was working")
}

// next hands the calling goroutine's place on: what waits goes out in a goroutine
// of its own, so that the caller gets its answer at once.
func (l *lane[In, Out]) next() {
	batch, items := l.take()
	if batch == nil {
		return
	}
	go func() {
		for ; batch != nil; batch, items = l.take() {
			l.fly(batch, items)
		}
	}()
}

// take removes the first that wait, up to Max items; with nothing it gives the
// place back.
func (l *lane[In, Out]) take() (batch []*ticket[In, Out], items int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.flying--
		return nil, 0
	}
	n := 0
	for n < len(l.waiting) && (n == 0 || items+len(l.waiting[n].in) <= l.store.cfg.Max) {
		items += len(l.waiting[n].in)
		n++
	}
	batch = slices.Clone(l.waiting[:n])
	l.waiting = slices.Delete(l.waiting, 0, n)
	l.items -= items
	return batch, items
}

// fly makes one call for a batch and hands out its results. A panic of the store
// fails the batch and nothing else.
func (l *lane[In, Out]) fly(batch []*ticket[In, Out], items int) {
	in := batch[0].in
	if len(batch) > 1 {
		in = make([]In, 0, items)
		for _, t := range batch {
			in = append(in, t.in...)
		}
	}
	ctx, cancel := joint(batch)
	out, err := l.safely(ctx, in)
	cancel()
	if len(batch) > 1 && errors.Is(err, &envelope.Error{Code: envelope.TooLarge}) {
		l.apart(batch)
		return
	}
	l.count(items)
	for _, t := range batch {
		if t.err = err; err == nil {
			n := len(t.in)
			t.out, out = out[:n:n], out[n:]
		}
		close(t.done)
	}
}

// apart makes a call for each: nothing was done, and nobody pays for his company.
func (l *lane[In, Out]) apart(batch []*ticket[In, Out]) {
	for i, t := range batch {
		l.fly(batch[i:i+1], len(t.in))
	}
}

func (l *lane[In, Out]) safely(ctx context.Context, in []In) (out []Out, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicError(r)
		}
	}()
	out, err = l.call(ctx, in)
	if err == nil && len(out) != len(in) {
		err = envelope.Errorf(envelope.Internal, "the store gave %d results for %d requests", len(out), len(in))
	}
	return out, err
}

// joint is the context of a shared call: it ends with the latest deadline, so
// that one impatient caller does not cut off the others.
func joint[In, Out any](batch []*ticket[In, Out]) (context.Context, context.CancelFunc) {
	if len(batch) == 1 {
		return batch[0].ctx, func() {}
	}
	var latest time.Time
	for _, t := range batch {
		deadline, ok := t.ctx.Deadline()
		if !ok {
			return context.WithoutCancel(t.ctx), func() {}
		}
		if deadline.After(latest) {
			latest = deadline
		}
	}
	return context.WithDeadline(context.WithoutCancel(batch[0].ctx), latest)
}
