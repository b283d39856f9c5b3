// Package guard keeps one store's trouble its own: it bounds how many calls of a
// store are under way, and when the store cannot be reached it opens a breaker, so
// that requests are refused at once instead of piling up. Other stores go on at
// their speed.
package guard

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// Config shapes a guard. Zero fields take the defaults.
type Config struct {
	// Concurrency is how many calls may be under way; more wait for their deadline.
	// The default is 512.
	Concurrency int
	// Failures in a row open the breaker; the default is 5.
	Failures int
	// Probe is the pause between two pings while the breaker is open; default 250 ms.
	Probe time.Duration
	// OnChange is called when the breaker opens and closes, from one goroutine at a
	// time; it may be nil.
	OnChange func(open bool)
}

// Store is a guarded store.
type Store struct {
	runtime.Store
	cfg   Config
	slots chan struct{}

	open     atomic.Bool
	failures atomic.Int64
	opened   atomic.Int64
	refused  atomic.Int64

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	probes sync.WaitGroup
}

// New guards a store until Close.
func New(s runtime.Store, cfg Config) *Store {
	if cfg.Concurrency <= 0 {
		cfg.Concurrency = 512
	}
	if cfg.Failures <= 0 {
		cfg.Failures = 5
	}
	if cfg.Probe <= 0 {
		cfg.Probe = 250 * time.Millisecond
	}
	g := &Store{Store: s, cfg: cfg, slots: make(chan struct{}, cfg.Concurrency)}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	return g
}

// Stats is a snapshot.
type Stats struct {
	Open    bool
	Opened  int64 // times since the start
	Refused int64 // calls refused because the breaker was open or no slot came free
	Busy    int   // calls under way
}

// Stats returns a snapshot.
func (g *Store) Stats() Stats {
	return Stats{g.open.Load(), g.opened.Load(), g.refused.Load(), len(g.slots)}
}

// Close ends the probing and closes the store.
func (g *Store) Close(ctx context.Context) error {
	g.cancel()
	g.probes.Wait()
	return g.Store.Close(ctx)
}

// enter takes a slot, or says why there is none.
func (g *Store) enter(ctx context.Context) error {
	if g.open.Load() {
		g.refused.Add(1)
		return envelope.Errorf(envelope.Unavailable, "the store cannot be reached at the moment; nothing was done")
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case g.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		g.refused.Add(1)
		return envelope.Errorf(envelope.Busy, "the store was busy until the deadline; nothing was done")
	}
}

// leave gives the slot back and counts what tells about the store's health. A
// caller's own deadline or mistake says nothing about it.
func (g *Store) leave(err error) {
	<-g.slots
	var e *envelope.Error
	switch {
	case err == nil:
		if g.failures.Load() != 0 {
			g.failures.Store(0)
		}
	case errors.As(err, &e) && (e.Code == envelope.Unavailable || e.Code == envelope.Unknown):
		if g.failures.Add(1) >= int64(g.cfg.Failures) {
			g.trip()
		}
	}
}

// trip opens the breaker and pings until the store answers.
func (g *Store) trip() {
	if !g.open.CompareAndSwap(false, true) {
		return
	}
	g.opened.Add(1)
	g.probes.Go(func() {
		g.change(true)
		for g.ctx.Err() == nil && !g.alive() {
			select {
			case <-g.ctx.Done():
			case <-time.After(g.cfg.Probe):
			}
		}
		g.failures.Store(0)
		g.open.Store(false)
		g.change(false)
	})
}

func (g *Store) change(open bool) {
	if g.cfg.OnChange != nil && g.ctx.Err() == nil {
		g.cfg.OnChange(open)
	}
}

// alive pings on several connections at once: after a link was cut silently, a
// pool is full of connections that only a time-out reveals as dead, and one ping
// after the other would need minutes to find a fresh one.
func (g *Store) alive() bool {
	const (
		patience = 2 * time.Second
		pings    = 16
	)
	ctx, cancel := context.WithTimeout(g.ctx, patience)
	defer cancel()
	results := make(chan error, pings)
	for range pings {
		g.probes.Go(func() { results <- g.Store.Ping(ctx) })
	}
	for range pings {
		if <-results == nil {
			return true
		}
	}
	return false
}

// call runs one guarded call.
func call[T any](ctx context.Context, g *Store, f func() (T, error)) (T, error) {
	var zero T
	if err := g.enter(ctx); err != nil {
		return zero, err
	}
	done := false
	defer func() {
		if !done { // a panic is on its way
			<-g.slots
		}
	}()
	v, err := f()
	done = true
	g.leave(err)
	return v, err
}
