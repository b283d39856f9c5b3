package load

import (
	"context"
	"sync"
	"time"
)

// Direct calls work from inFlight goroutines at once, without any broker: the limit of what is called. n is
// different for every call.
func Direct(ctx context.Context, inFlight int, win Window, work func(ctx context.Context, n uint64) error) (*Sample, error) {
	whole := newRecorder(nil)
	stop, elapsed := edges(ctx, whole, win)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	for g := range inFlight {
		wg.Go(func() {
			rec := newRecorder(nil)
			rec.from, rec.to = whole.from, whole.to
			err := repeat(ctx, rec, stop, func(i uint64) error { return work(ctx, i*uint64(inFlight)+uint64(g)) })
			mu.Lock()
			defer mu.Unlock()
			whole.latencies = append(whole.latencies, rec.latencies...)
			if err != nil {
				failed = err
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	return whole.sample(<-elapsed), nil
}

func repeat(ctx context.Context, rec *recorder, stop <-chan struct{}, work func(uint64) error) error {
	for i := uint64(0); ; i++ {
		select {
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		began := time.Now()
		if err := work(i); err != nil {
			return err
		}
		rec.add(began, time.Now(), nil)
	}
}

// Fixed does a fixed amount of work, what comes from next, from some goroutines at once.
func Fixed(ctx context.Context, inFlight int, next <-chan int, work func(ctx context.Context, i int) error) (*Sample, error) {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var failed error
	whole := newRecorder(nil)
	for range inFlight {
		wg.Go(func() {
			for i := range next {
				began := time.Now()
				err := work(ctx, i)
				mu.Lock()
				whole.latencies = append(whole.latencies, time.Since(began))
				if err != nil {
					failed = err
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return whole.sample(0), failed
}
