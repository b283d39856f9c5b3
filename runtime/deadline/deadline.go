// Package deadline has a context with a deadline that costs next to nothing until
// somebody waits for it. Most requests of a node end long before their deadline,
// and many without ever blocking; context.WithDeadline makes, arms and disarms a
// timer for each of them, which takes longer than to route the request.
package deadline

import (
	"context"
	"sync"
	"time"
)

// A Context ends at a time, or with its parent, or when it is cancelled. It is a
// context.Context in every respect; the timer and the link to the parent are made
// by the first call of Done.
//
// It is meant to be embedded in what a request carries anyway. Init it once,
// before use, and do not copy it after that.
type Context struct {
	parent context.Context
	at     time.Time

	mu      sync.Mutex
	waiting context.Context // made by Done
	stop    context.CancelFunc
	ended   error // after Cancel
}

// Init sets what the context hangs on. It returns c.
func (c *Context) Init(parent context.Context, at time.Time) *Context {
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		at = earlier
	}
	c.parent, c.at = parent, at
	return c
}

// Deadline is the earlier of the context's own and its parent's.
func (c *Context) Deadline() (time.Time, bool) { return c.at, true }

// Value is the parent's. Once somebody waits it goes through the standard context
// made for that, by which children find what to hang on without a goroutine each.
func (c *Context) Value(key any) any {
	c.mu.Lock()
	from := c.waiting
	c.mu.Unlock()
	if from == nil {
		from = c.parent
	}
	return from.Value(key)
}

// Done is closed when the context ends.
func (c *Context) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		c.waiting, c.stop = context.WithDeadline(c.parent, c.at)
		if c.ended != nil {
			c.stop()
		}
	}
	return c.waiting.Done()
}

// Err says whether and why the context has ended.
func (c *Context) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.ended != nil:
		return c.ended
	case c.waiting != nil:
		return c.waiting.Err()
	}
	if err := c.parent.Err(); err != nil {
		c.ended = err
	} else if !time.Now().Before(c.at) {
		c.ended = context.DeadlineExceeded
	}
	return c.ended
}

// Cancel ends the context and frees what waits for it. More calls are harmless.
func (c *Context) Cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop != nil {
		c.stop()
	}
	if c.ended != nil {
		return
	}
	c.ended = context.Canceled
	if c.waiting != nil {
		c.ended = c.waiting.Err() // which may have ended before, for another reason
	}
}
