package deadline

import (
	"context"
	"sync"
	"time"
)

// timers are stopped and ready to be set.
var timers = sync.Pool{New: func() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return t
}}

// Wait waits for done to be closed; it returns false where ctx ends before that. For a
// [Context], or what embeds one, it costs no more than a timer that is used again.
//
// It is for the goroutine that owns the context: one that waits here does not see
// another one's Cancel.
func Wait(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done: // whatever has become of ctx meanwhile
		return true
	default:
	}
	if c, ok := ctx.(interface{ wait(<-chan struct{}) bool }); ok {
		return c.wait(done)
	}
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func (c *Context) wait(done <-chan struct{}) bool {
	if c.Err() != nil {
		return false
	}
	t := timers.Get().(*time.Timer)
	defer timers.Put(t)
	t.Reset(time.Until(c.at))
	defer t.Stop() // nothing is received from it afterwards (Go 1.23)
	select {
	case <-done:
		return true
	case <-t.C:
	case <-c.parent.Done():
	}
	return false
}
