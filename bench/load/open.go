package load

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"
)

// maxBehind is how many requests may be without a reply before a run counts as overloaded.
const maxBehind = 20_000

// ErrOverloaded says that the contestant does not keep up with the rate.
var ErrOverloaded = errors.New("it does not keep up with this rate")

// opener is one run of the open loop: a pacer that sends and a receiver.
type opener struct {
	w        *wire
	start    time.Time
	interval time.Duration
	received atomic.Uint64
	sent     atomic.Uint64
}

// Open sends rate requests a second, whatever becomes of them. The latency of each counts from the moment when it
// should have been sent, so that a client that was held up does not hide what its users would have waited.
func Open(ctx context.Context, t *Target, rate float64, win Window) (*Sample, error) {
	w, err := open(t)
	if err != nil {
		return nil, err
	}
	defer w.close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	rec := newRecorder(t.Check)
	o := &opener{w: w, start: time.Now(), interval: time.Duration(float64(time.Second) / rate)}
	stop, elapsed := edges(ctx, rec, win)
	paced := make(chan error, 1)
	go func() { paced <- o.pace(stop) }()
	if err := o.receive(ctx, rec, paced); err != nil {
		return nil, err
	}
	s := rec.sample(<-elapsed)
	s.Lost = int(o.sent.Load() - o.received.Load())
	return s, nil
}

func (o *opener) intended(n uint64) time.Time { return o.start.Add(time.Duration(n) * o.interval) }

// pace sends what is due until stop.
func (o *opener) pace(stop <-chan struct{}) error {
	for n := uint64(0); ; {
		select {
		case <-stop:
			return nil
		default:
		}
		due := uint64(time.Since(o.start)/o.interval) + 1
		for ; n < due; n++ {
			if err := o.w.send(n, strconv.FormatUint(n, 10)); err != nil {
				return err
			}
			o.sent.Add(1)
		}
		if n-o.received.Load() > maxBehind {
			return ErrOverloaded
		}
		time.Sleep(time.Until(o.intended(n)))
	}
}

// receive records replies until all have come, or none comes any more.
func (o *opener) receive(ctx context.Context, rec *recorder, paced <-chan error) error {
	var grace <-chan time.Time // set when all is sent
	for grace == nil || o.received.Load() < o.sent.Load() {
		select {
		case m, ok := <-o.w.replies:
			if !ok {
				return errors.New("the broker closed the client's channel")
			}
			n, err := strconv.ParseUint(m.CorrelationId, 10, 64)
			if err != nil {
				return errors.New("a reply with a strange correlation id " + m.CorrelationId)
			}
			rec.add(o.intended(n), time.Now(), m.Body)
			o.received.Add(1)
		case r := <-o.w.returns:
			return unroutable(r)
		case err := <-paced:
			if err != nil {
				return err
			}
			grace = time.After(stall)
		case <-grace:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
