package suite

import (
	"context"
	"time"
)

// A Fault breaks something under load. Either Begin and End enclose a hold, or Run
// does the whole of it.
type Fault struct {
	Name, Doc string
	Begin     func(context.Context, *Env) error
	End       func(context.Context, *Env) error
	Run       func(context.Context, *Env) error
	Hold      time.Duration
	Short     bool     // part of the short form
	Mixes     bool     // may be combined with others at the same time
	Allow     []string // error codes with which operations may end
	Dead      []string // error codes of messages that may be given up
	// Smooth cases must not fail a single attempt: nodes come and go under load.
	Smooth bool
	Only   string // loads one template alone
}

// perform runs a fault from its begin to its end. End is called even when the
// context is done, so that nothing stays broken.
func (f *Fault) perform(ctx context.Context, e *Env) error {
	if f.Run != nil {
		return f.Run(ctx, e)
	}
	err := f.Begin(ctx, e)
	if err == nil {
		sleep(ctx, f.Hold)
	}
	if f.End == nil {
		return err
	}
	heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Minute)
	defer cancel()
	if endErr := f.End(heal, e); err == nil {
		err = endErr
	}
	return err
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
