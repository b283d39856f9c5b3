package deadline

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type key struct{}

func with(parent context.Context, at time.Time) *Context { return new(Context).Init(parent, at) }

func in(d time.Duration) time.Time { return time.Now().Add(d) }

// Whether or not somebody waited before, the context ends as context.WithDeadline would.
func TestEndsLikeTheStandardOne(t *testing.T) {
	for _, waited := range []bool{false, true} {
		parent, cancel := context.WithCancel(context.Background())
		cases := map[string]struct {
			c    *Context
			end  func(*Context)
			want error
		}{
			"its time has come": {with(context.Background(), in(-time.Second)), func(*Context) {}, context.DeadlineExceeded},
			"cancelled":         {with(context.Background(), in(time.Hour)), (*Context).Cancel, context.Canceled},
			"the parent ended":  {with(parent, in(time.Hour)), func(*Context) { cancel() }, context.Canceled},
		}
		for name, tt := range cases {
			if waited {
				_ = tt.c.Done()
			}
			tt.end(tt.c)
			if got := tt.c.Err(); !errors.Is(got, tt.want) {
				t.Errorf("%s, waited %t: %v, want %v", name, waited, got, tt.want)
			}
			select {
			case <-tt.c.Done():
			case <-time.After(10 * time.Second):
				t.Errorf("%s, waited %t: Done is open", name, waited)
			}
			first := tt.c.Err()
			tt.c.Cancel()
			if got := tt.c.Err(); !errors.Is(got, first) {
				t.Errorf("%s, waited %t: the reason changed from %v to %v", name, waited, first, got)
			}
		}
		cancel()
	}
}

func TestWaitersAreWoken(t *testing.T) {
	c := with(context.Background(), in(20*time.Millisecond))
	defer c.Cancel()
	if c.Err() != nil {
		t.Fatal("it ended before its time")
	}
	<-c.Done()
	if !errors.Is(c.Err(), context.DeadlineExceeded) {
		t.Error(c.Err())
	}
}

// A standard context below it follows it.
func TestChildren(t *testing.T) {
	c := with(context.WithValue(context.Background(), key{}, "v"), in(time.Hour))
	child, cancel := context.WithTimeout(c, 2*time.Hour)
	defer cancel()
	if at, _ := child.Deadline(); time.Until(at) > time.Hour {
		t.Error("the child outlives its parent")
	}
	if child.Value(key{}) != "v" {
		t.Error("a value was lost")
	}
	c.Cancel()
	<-child.Done()
	if !errors.Is(child.Err(), context.Canceled) {
		t.Error(child.Err())
	}
}

// The standard library starts a goroutine for a child of a context that it does not know.
func TestChildrenNeedNoGoroutine(t *testing.T) {
	parent, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := with(parent, in(time.Hour))
	defer c.Cancel()
	before := runtime.NumGoroutine()
	_, stop := context.WithCancel(c)
	defer stop()
	if n := runtime.NumGoroutine(); n != before {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

func TestTheEarlierDeadlineCounts(t *testing.T) {
	early := in(time.Minute)
	parent, cancel := context.WithDeadline(context.Background(), early)
	defer cancel()
	if at, ok := with(parent, in(time.Hour)).Deadline(); !ok || !at.Equal(early) {
		t.Error(at)
	}
}

func TestCostsNothingUntilSomebodyWaits(t *testing.T) {
	parent, cancel := context.WithCancel(context.Background())
	defer cancel()
	at := in(time.Hour)
	if n := testing.AllocsPerRun(100, func() {
		var c Context
		c.Init(parent, at)
		if c.Err() != nil {
			t.Error("ended")
		}
		c.Cancel()
	}); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

type embedding struct{ Context }

func TestWait(t *testing.T) {
	closed, never := make(chan struct{}), make(chan struct{})
	close(closed)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	soon := func() *embedding {
		e := new(embedding)
		e.Init(context.Background(), in(20*time.Millisecond))
		return e
	}
	standard, stop := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer stop()
	for range 3 { // timers are used again
		for name, tt := range map[string]struct {
			ctx  context.Context
			done chan struct{}
			want bool
		}{
			"done":                 {soon(), closed, true},
			"its time comes":       {soon(), never, false},
			"the parent has ended": {with(ended, in(time.Hour)), never, false},
			"its time was":         {with(context.Background(), in(-time.Second)), never, false},
			"a standard one":       {standard, never, false},
			"a standard one, done": {context.Background(), closed, true},
		} {
			if got := Wait(tt.ctx, tt.done); got != tt.want {
				t.Errorf("%s: %t", name, got)
			}
		}
	}
	c := with(context.Background(), in(time.Hour))
	if n := testing.AllocsPerRun(100, func() { c.wait(closed) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
