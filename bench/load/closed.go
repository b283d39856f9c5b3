package load

import (
	"context"
	"errors"
	"strconv"
	"time"
)

// stall is how long nothing may come before a run is given up.
const stall = 15 * time.Second

var errStalled = errors.New("no reply for 15 s")

// Closed keeps inFlight requests under way through the window: each reply sends the next request.
func Closed(ctx context.Context, t *Target, inFlight int, win Window) (*Sample, error) {
	w, err := open(t)
	if err != nil {
		return nil, err
	}
	defer w.close()
	began := make([]time.Time, inFlight)
	names := make([]string, inFlight)
	for i := range began {
		names[i] = strconv.Itoa(i)
	}
	rec := newRecorder(t.Check)
	stop, elapsed := edges(ctx, rec, win)
	var n uint64
	send := func(slot int) error {
		n++
		began[slot] = time.Now()
		return w.send(n, names[slot])
	}
	for slot := range inFlight {
		if err := send(slot); err != nil {
			return nil, err
		}
	}
	idle := time.NewTicker(stall)
	defer idle.Stop()
	last := n
	for flying, ending := inFlight, false; flying > 0; {
		select {
		case m, ok := <-w.replies:
			if !ok {
				return nil, errors.New("the broker closed the client's channel")
			}
			slot, err := strconv.Atoi(m.CorrelationId)
			if err != nil || slot >= inFlight {
				return nil, errors.New("a reply with a strange correlation id " + m.CorrelationId)
			}
			rec.add(began[slot], time.Now(), m.Body)
			if ending {
				flying--
				continue
			}
			if err := send(slot); err != nil {
				return nil, err
			}
		case r := <-w.returns:
			return nil, unroutable(r)
		case <-stop:
			ending, stop = true, nil
		case <-idle.C:
			if n == last {
				return nil, errStalled
			}
			last = n
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return rec.sample(<-elapsed), nil
}

// edges fixes the window and calls its functions. The recorder looks at the clock only, so nothing needs a lock: from
// and to lie in the future when they are set.
func edges(ctx context.Context, rec *recorder, win Window) (stop <-chan struct{}, elapsed <-chan time.Duration) {
	rec.from = time.Now().Add(win.Warmup)
	rec.to = rec.from.Add(win.Duration)
	stopped, took := make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		defer close(stopped)
		pause(ctx, time.Until(rec.from))
		if win.Begin != nil {
			win.Begin()
		}
		pause(ctx, time.Until(rec.to))
		if win.End != nil {
			win.End()
		}
		took <- win.Duration
	}()
	return stopped, took
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
