package logging

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// maxDebounced bounds the kinds of event remembered; one more passes as it is.
const maxDebounced = 1024

// Debounce returns a logger that collapses repetitions. The first event of a
// kind passes at once; those that follow within the interval are counted, and
// at its end the latest of them passes with repeated=N. A kind is a level, a
// message and the attributes of With: the attributes of the call itself, such
// as the text of an error, may differ. stop writes the counts that are left.
func Debounce(l *slog.Logger, interval time.Duration) (logger *slog.Logger, stop func()) {
	d := &debouncer{interval: interval, kinds: map[kind]*repetition{}}
	return slog.New(&debounceHandler{next: l.Handler(), d: d}), d.stop
}

// A kind is what makes two events the same.
type kind struct {
	level   slog.Level
	message string
	with    string
}

// A repetition is a kind of event within its interval.
type repetition struct {
	timer *time.Timer
	count int
	// last is the latest of the events held back, for the one that is shown.
	last slog.Record
	ctx  context.Context
	next slog.Handler
}

type debouncer struct {
	interval time.Duration
	mu       sync.Mutex
	kinds    map[kind]*repetition
	stopped  bool
}

// hold counts the event and reports true if it is a repetition.
func (d *debouncer) hold(ctx context.Context, k kind, r slog.Record, next slog.Handler) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if rep := d.kinds[k]; rep != nil {
		rep.count++
		rep.last, rep.ctx, rep.next = r.Clone(), context.WithoutCancel(ctx), next
		return true
	}
	if !d.stopped && len(d.kinds) < maxDebounced {
		d.kinds[k] = &repetition{timer: time.AfterFunc(d.interval, func() { d.expire(k) })}
	}
	return false
}

// expire ends an interval: with repetitions they are shown and another one
// begins, without any the kind is forgotten.
func (d *debouncer) expire(k kind) {
	d.mu.Lock()
	rep := d.kinds[k]
	if rep == nil {
		d.mu.Unlock()
		return
	}
	shown := *rep
	if rep.count == 0 {
		delete(d.kinds, k)
	} else {
		rep.count = 0
		rep.timer.Reset(d.interval)
	}
	d.mu.Unlock()
	shown.show()
}

func (d *debouncer) stop() {
	d.mu.Lock()
	d.stopped = true
	kinds := d.kinds
	d.kinds = map[kind]*repetition{}
	d.mu.Unlock()
	for _, rep := range kinds {
		rep.timer.Stop()
		rep.show()
	}
}

// show writes the latest repetition with its count.
func (r *repetition) show() {
	if r.count == 0 {
		return
	}
	record := r.last.Clone()
	record.AddAttrs(slog.Int("repeated", r.count))
	_ = r.next.Handle(r.ctx, record)
}

// debounceHandler is the slog.Handler in front of another.
type debounceHandler struct {
	next slog.Handler
	d    *debouncer
	with string
}

// Enabled implements slog.Handler.
func (h *debounceHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return h.next.Enabled(ctx, l)
}

// Handle implements slog.Handler.
func (h *debounceHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.d.hold(ctx, kind{r.Level, r.Message, h.with}, r, h.next) {
		return nil
	}
	return h.next.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *debounceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.next = h.next.WithAttrs(attrs)
	for _, a := range attrs {
		c.with += string(appendField([]byte{' '}, field{a.Key, valueText(a.Key, a.Value.Resolve())}))
	}
	return &c
}

// WithGroup implements slog.Handler.
func (h *debounceHandler) WithGroup(name string) slog.Handler {
	c := *h
	c.next = h.next.WithGroup(name)
	c.with += " " + name + "."
	return &c
}
