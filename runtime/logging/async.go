package logging

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// AsyncOptions bounds an [Async] sink. A zero field takes its default.
type AsyncOptions struct {
	// Buffer is how many events may wait; default 10000.
	Buffer int
	// Batch is how many are sent at once; default 64.
	Batch int
	// CloseTimeout is how long Close goes on sending; default 5 s.
	CloseTimeout time.Duration
}

// The pause after a failed attempt grows from least to most.
const (
	leastPause = 100 * time.Millisecond
	mostPause  = 5 * time.Second
)

// Async is a Sink that never blocks: events wait in a bounded buffer, one
// goroutine sends them in order, and what doesn't fit is dropped and counted.
type Async struct {
	send    func(context.Context, []Event) error
	options AsyncOptions
	events  chan Event
	// closing is closed first: Emit stops, and the sender empties the buffer.
	closing chan struct{}
	// ctx ends the sender, whatever it waits for.
	ctx     context.Context
	cancel  context.CancelFunc
	done    chan struct{}
	once    sync.Once
	dropped atomic.Uint64
	sent    atomic.Uint64
}

// NewAsync starts a sink in front of send, which is called by one goroutine at
// a time. A batch that fails is sent again, with growing pauses, until it
// passes or the sink is closed; events pile up in the buffer meanwhile. send
// must not keep the slice, and must log with [Local].
func NewAsync(send func(context.Context, []Event) error, o AsyncOptions) *Async {
	if o.Buffer <= 0 {
		o.Buffer = 10_000
	}
	if o.Batch <= 0 {
		o.Batch = 64
	}
	if o.CloseTimeout <= 0 {
		o.CloseTimeout = 5 * time.Second
	}
	a := &Async{
		send: send, options: o, events: make(chan Event, o.Buffer),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	go a.run()
	return a
}

// Emit queues the event, or drops it if the buffer is full or the sink closed.
func (a *Async) Emit(e Event) {
	select {
	case <-a.closing:
		a.dropped.Add(1)
		return
	default:
	}
	select {
	case a.events <- e:
	default:
		a.dropped.Add(1)
	}
}

// Dropped counts the events that were never sent.
func (a *Async) Dropped() uint64 { return a.dropped.Load() }

// Sent counts the events that were.
func (a *Async) Sent() uint64 { return a.sent.Load() }

// Pending counts the events that wait.
func (a *Async) Pending() int { return len(a.events) }

// Close sends what waits, for at most CloseTimeout, and counts the rest as
// dropped. It may be called more than once.
func (a *Async) Close() error {
	a.once.Do(func() {
		close(a.closing)
		timer := time.AfterFunc(a.options.CloseTimeout, a.cancel)
		<-a.done
		timer.Stop()
		a.cancel()
		// An Emit that raced with the closing may have left something.
		for len(a.events) > 0 {
			<-a.events
			a.dropped.Add(1)
		}
	})
	<-a.done
	return nil
}

func (a *Async) run() {
	defer close(a.done)
	batch := make([]Event, 0, a.options.Batch)
	for {
		batch = a.gather(batch[:0])
		if len(batch) == 0 {
			return
		}
		a.deliver(batch)
		clear(batch)
	}
}

// gather waits for one event and takes what else is there. It returns none
// when the sink is closed and empty.
func (a *Async) gather(batch []Event) []Event {
	select {
	case e := <-a.events:
		batch = append(batch, e)
	case <-a.closing:
	}
	for len(batch) < cap(batch) {
		select {
		case e := <-a.events:
			batch = append(batch, e)
		default:
			return batch
		}
	}
	return batch
}

// deliver sends one batch until it passes, or gives it up at the end.
func (a *Async) deliver(batch []Event) {
	for pause := leastPause; a.ctx.Err() == nil; pause = min(2*pause, mostPause) {
		if a.send(a.ctx, batch) == nil {
			a.sent.Add(uint64(len(batch)))
			return
		}
		// Once closing, go on at the shortest pause: there is little time.
		if a.isClosing() {
			pause = leastPause
		}
		select {
		case <-time.After(pause):
		case <-a.woken():
		case <-a.ctx.Done():
		}
	}
	a.dropped.Add(uint64(len(batch)))
}

func (a *Async) isClosing() bool {
	select {
	case <-a.closing:
		return true
	default:
		return false
	}
}

// woken ends a long pause when the sink is closed; once that has happened it
// must not end the next ones.
func (a *Async) woken() <-chan struct{} {
	if a.isClosing() {
		return nil
	}
	return a.closing
}
