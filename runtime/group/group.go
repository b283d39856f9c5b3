// Package group gathers requests that wait at the same moment for the same
// procedure into one call of the store: reads by id, inserts, updates and deletes.
// A request that is alone goes out at once; nothing ever waits for company.
package group

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/deadline"
	"github.com/beds-project/beds/runtime/envelope"
)

// Config bounds the grouping. Zero fields take the defaults.
type Config struct {
	// Max is the largest number of requests in one call; the default is 64.
	Max int
	// Calls is how many calls of one kind on one template may be under way before
	// requests begin to gather; the default is 2.
	Calls int
	// Waiting bounds the requests that gather for one kind on one template; what
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

// Stats are totals since the start.
type Stats struct {
	Calls   int64 // calls of the wrapped store
	Items   int64 // requests that they served
	Refused int64 // requests refused because too many were waiting
}

// New wraps a store.
func New(s runtime.Store, cfg Config) *Store {
	if cfg.Max <= 0 {
		cfg.Max = 64
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
	return Stats{s.stats.calls.Load(), s.stats.items.Load(), s.stats.refused.Load()}
}

// lanes are the queues of one template, one for each kind of call.
type lanes struct {
	get    lane[runtime.GUID, runtime.Row]
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
	if len(ids) == 1 && len(rows) == 1 {
		return rows
	}
	found := make(map[runtime.GUID]runtime.Row, len(rows))
	for _, r := range rows {
		found[runtime.GUIDOf(r[runtime.FieldID])] = r
	}
	out := make([]runtime.Row, len(ids))
	for i, id := range ids {
		out[i] = found[id]
	}
	return out
}

// Get gathers reads of single ids; longer lists go out on their own.
func (s *Store) Get(ctx context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	if len(ids) != 1 {
		return s.Store.Get(ctx, t, ids)
	}
	row, err := s.of(t).get.do(ctx, ids[0])
	if err != nil || row == nil {
		return nil, err
	}
	return []runtime.Row{row}, nil
}

// Insert gathers single inserts.
func (s *Store) Insert(ctx context.Context, t *runtime.Template, items []runtime.Insert, atomic bool) ([]runtime.Outcome, error) {
	if len(items) != 1 {
		return s.Store.Insert(ctx, t, items, atomic)
	}
	return outcome(s.of(t).insert.do(ctx, items[0]))
}

// Update gathers single updates.
func (s *Store) Update(ctx context.Context, t *runtime.Template, items []runtime.Update, atomic bool) ([]runtime.Outcome, error) {
	if len(items) != 1 {
		return s.Store.Update(ctx, t, items, atomic)
	}
	return outcome(s.of(t).update.do(ctx, items[0]))
}

// Delete gathers single deletes.
func (s *Store) Delete(ctx context.Context, t *runtime.Template, items []runtime.Delete, atomic bool) ([]runtime.Outcome, error) {
	if len(items) != 1 {
		return s.Store.Delete(ctx, t, items, atomic)
	}
	return outcome(s.of(t).delete.do(ctx, items[0]))
}

func outcome(o runtime.Outcome, err error) ([]runtime.Outcome, error) {
	if err != nil {
		return nil, err
	}
	return []runtime.Outcome{o}, nil
}

// A lane gathers requests of one kind. While fewer than Calls calls are under
// way a request starts one; otherwise it waits, and the next call to end takes
// everything that waits, up to Max.
type lane[In, Out any] struct {
	call    func(context.Context, []In) ([]Out, error)
	store   *Store
	late    envelope.Code // what a caller whose deadline passes in the meantime gets
	mu      sync.Mutex
	flying  int
	waiting []*ticket[In, Out]
}

type ticket[In, Out any] struct {
	ctx  context.Context
	in   In
	out  Out
	err  error
	done chan struct{}
}

func (l *lane[In, Out]) init(s *Store, late envelope.Code, call func(context.Context, []In) ([]Out, error)) {
	l.store, l.late, l.call = s, late, call
}

func (l *lane[In, Out]) do(ctx context.Context, in In) (Out, error) {
	l.mu.Lock()
	if l.flying < l.store.cfg.Calls {
		l.flying++
		l.mu.Unlock()
		return l.alone(ctx, in)
	}
	if len(l.waiting) >= l.store.cfg.Waiting {
		l.mu.Unlock()
		l.store.stats.refused.Add(1)
		var none Out
		return none, envelope.Errorf(envelope.Busy, "too many requests wait for the store")
	}
	t := &ticket[In, Out]{ctx: ctx, in: in, done: make(chan struct{})}
	l.waiting = append(l.waiting, t)
	l.mu.Unlock()
	if !deadline.Wait(ctx, t.done) {
		return l.abandon(t)
	}
	return t.out, t.err
}

// alone makes a call for one request, then sees to those that have come meanwhile.
func (l *lane[In, Out]) alone(ctx context.Context, in In) (out Out, err error) {
	l.count(1)
	results, err := l.safely(ctx, []In{in})
	if err == nil {
		out = results[0]
	}
	l.next()
	return out, err
}

func (l *lane[In, Out]) count(items int) {
	l.store.stats.calls.Add(1)
	l.store.stats.items.Add(int64(items))
}

// abandon withdraws a ticket that still waits; one that is under way has an
// outcome that its caller will not learn in time.
func (l *lane[In, Out]) abandon(t *ticket[In, Out]) (Out, error) {
	var zero Out
	l.mu.Lock()
	for i, w := range l.waiting {
		if w == t {
			l.waiting = append(l.waiting[:i], l.waiting[i+1:]...)
			l.mu.Unlock()
			return zero, envelope.Errorf(envelope.DeadlinePassed, "the deadline passed before the work began")
		}
	}
	l.mu.Unlock()
	return zero, envelope.Errorf(l.late, "the deadline passed while the store was working")
}

// next hands the calling goroutine's place on: what waits goes out in a goroutine
// of its own, so that the caller gets its answer at once.
func (l *lane[In, Out]) next() {
	batch := l.take()
	if batch == nil {
		return
	}
	go func() {
		for ; batch != nil; batch = l.take() {
			l.fly(batch)
		}
	}()
}

// take removes what waits, up to Max; with nothing it gives the place back.
func (l *lane[In, Out]) take() []*ticket[In, Out] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.flying--
		return nil
	}
	n := min(len(l.waiting), l.store.cfg.Max)
	batch := make([]*ticket[In, Out], n)
	copy(batch, l.waiting)
	rest := copy(l.waiting, l.waiting[n:])
	clear(l.waiting[rest:])
	l.waiting = l.waiting[:rest]
	return batch
}

// fly makes one call for a batch and hands out its results. A panic of the store
// fails the batch and nothing else.
func (l *lane[In, Out]) fly(batch []*ticket[In, Out]) {
	in := make([]In, len(batch))
	for i, t := range batch {
		in[i] = t.in
	}
	l.count(len(batch))
	ctx, cancel := joint(batch)
	out, err := l.safely(ctx, in)
	cancel()
	for i, t := range batch {
		if err != nil {
			t.err = err
		} else {
			t.out = out[i]
		}
		close(t.done)
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
