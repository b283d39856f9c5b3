package session

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is a full-jitter backoff: each pause is drawn evenly from zero to a bound that
// doubles, so that a thousand clients of a restarted broker do not return in step. The
// zero value never pauses.
type Backoff struct {
	Min, Max time.Duration
	attempt  int
}

// Next returns the pause before the next attempt and counts it.
func (b *Backoff) Next() time.Duration {
	bound := b.Max
	if shift := b.attempt; shift < 32 {
		if grown := b.Min << shift; grown > 0 && grown < b.Max {
			bound = grown
		}
	}
	b.attempt++
	if bound <= 0 {
		return 0
	}
	return rand.N(bound)
}

// Attempts returns how many pauses were taken since the last Reset.
func (b *Backoff) Attempts() int { return b.attempt }

// Reset starts again at Min.
func (b *Backoff) Reset() { b.attempt = 0 }

// Wait sleeps for Next, or until ctx ends, and then returns its error.
func (b *Backoff) Wait(ctx context.Context) error {
	pause := time.NewTimer(b.Next())
	defer pause.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-pause.C:
		return nil
	}
}
