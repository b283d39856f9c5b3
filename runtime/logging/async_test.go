package logging

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestAsyncSendsInOrder(t *testing.T) {
	var got []int
	var batches int
	a := NewAsync(func(_ context.Context, events []Event) error {
		batches++
		for _, e := range events {
			got = append(got, e.Line)
		}
		return nil
	}, AsyncOptions{Buffer: 1000, Batch: 10})
	for i := range 1000 {
		a.Emit(Event{Line: i})
	}
	_ = a.Close()
	for i, line := range got {
		if i != line {
			t.Fatalf("event %d came at place %d", line, i)
		}
	}
	if len(got) != 1000 || batches < 100 || a.Sent() != 1000 || a.Dropped() != 0 || a.Pending() != 0 {
		t.Errorf("got %d in %d batches, sent %d, dropped %d", len(got), batches, a.Sent(), a.Dropped())
	}
}

func TestAsyncDropsAndCountsWhatDoesNotFit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		a := NewAsync(func(ctx context.Context, _ []Event) error { <-gate; return nil }, AsyncOptions{Buffer: 5, Batch: 1})
		a.Emit(Event{})
		synctest.Wait() // the sender holds one
		for range 10 {
			a.Emit(Event{})
		}
		if a.Dropped() != 5 || a.Pending() != 5 {
			t.Errorf("dropped %d, pending %d", a.Dropped(), a.Pending())
		}
		close(gate)
		_ = a.Close()
		a.Emit(Event{})
		if a.Sent() != 6 || a.Dropped() != 6 {
			t.Errorf("sent %d, dropped %d", a.Sent(), a.Dropped())
		}
	})
}

func TestAsyncRetriesUntilItPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, tries := time.Now(), 0
		a := NewAsync(func(context.Context, []Event) error {
			if tries++; tries < 5 {
				return errors.New("broker is away")
			}
			return nil
		}, AsyncOptions{})
		a.Emit(Event{})
		time.Sleep(time.Minute)
		synctest.Wait()
		if tries != 5 || a.Sent() != 1 {
			t.Errorf("%d tries, sent %d", tries, a.Sent())
		}
		_ = a.Close()
		if time.Since(began) != time.Minute {
			t.Error("Close waited for nothing")
		}
	})
}

func TestAsyncCloseGivesUpInTime(t *testing.T) {
	tests := map[string]func(context.Context, []Event) error{
		"send fails": func(context.Context, []Event) error { return errors.New("no") },
		"send hangs": func(ctx context.Context, _ []Event) error { <-ctx.Done(); return ctx.Err() },
	}
	for name, send := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := NewAsync(send, AsyncOptions{CloseTimeout: 3 * time.Second, Batch: 2})
				for range 7 {
					a.Emit(Event{})
				}
				began := time.Now()
				_ = a.Close()
				_ = a.Close()
				if took := time.Since(began); took > 3*time.Second+leastPause || a.Dropped() != 7 {
					t.Errorf("Close took %v, dropped %d", took, a.Dropped())
				}
			})
		})
	}
}

func TestAsyncUnderConcurrency(t *testing.T) {
	var received atomic.Uint64
	a := NewAsync(func(_ context.Context, events []Event) error {
		received.Add(uint64(len(events)))
		return nil
	}, AsyncOptions{Buffer: 16, Batch: 4})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				a.Emit(Event{})
			}
		})
	}
	wg.Wait()
	_ = a.Close()
	if received.Load() != a.Sent() || a.Sent()+a.Dropped() != 8000 {
		t.Errorf("received %d, sent %d, dropped %d", received.Load(), a.Sent(), a.Dropped())
	}
}
