package guard

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patient is a store whose health the test decides.
type patient struct {
	runtime.Store
	ill   atomic.Bool
	calls atomic.Int64
	hold  chan struct{}
}

func (p *patient) Count(ctx context.Context, _ *runtime.Template, _ *runtime.Find) (int64, error) {
	p.calls.Add(1)
	if p.hold != nil {
		<-p.hold
	}
	if p.ill.Load() {
		return 0, envelope.Errorf(envelope.Unavailable, "down")
	}
	return 7, nil
}

func (p *patient) Ping(context.Context) error {
	if p.ill.Load() {
		return errors.New("down")
	}
	return nil
}

func (p *patient) Close(context.Context) error { return nil }

func TestBreakerOpensRefusesAndCloses(t *testing.T) {
	p := new(patient)
	var mu sync.Mutex
	var changes []bool
	g := New(p, Config{Failures: 3, Probe: time.Millisecond, OnChange: func(open bool) {
		mu.Lock()
		defer mu.Unlock()
		changes = append(changes, open)
	}})
	defer g.Close(context.Background())
	p.ill.Store(true)
	for range 3 {
		if _, err := g.Count(context.Background(), nil, nil); err == nil {
			t.Fatal("an ill store answered")
		}
	}
	if !g.Stats().Open {
		t.Fatal("three failures in a row leave the breaker closed")
	}
	before := p.calls.Load()
	if _, err := g.Count(context.Background(), nil, nil); !errors.Is(err, &envelope.Error{Code: envelope.Unavailable}) || p.calls.Load() != before {
		t.Errorf("an open breaker lets a call through: %v", err)
	}
	p.ill.Store(false)
	for deadline := time.Now().Add(10 * time.Second); g.Stats().Open; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the breaker stays open over a healthy store")
		}
	}
	if n, err := g.Count(context.Background(), nil, nil); n != 7 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	g.probes.Wait()
	if len(changes) != 2 || !changes[0] || changes[1] {
		t.Errorf("changes %v", changes)
	}
}

func TestFailuresMustBeInARow(t *testing.T) {
	p := new(patient)
	g := New(p, Config{Failures: 2})
	defer g.Close(context.Background())
	for i := range 10 {
		p.ill.Store(i%2 == 0)
		g.Count(context.Background(), nil, nil) //nolint:errcheck // the breaker is under test
	}
	if g.Stats().Opened != 0 {
		t.Error("single failures open the breaker")
	}
}

func TestConcurrencyIsBounded(t *testing.T) {
	p := &patient{hold: make(chan struct{})}
	g := New(p, Config{Concurrency: 4})
	defer g.Close(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var busy atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := g.Count(ctx, nil, nil); errors.Is(err, &envelope.Error{Code: envelope.Busy}) {
				busy.Add(1)
			}
		})
	}
	<-ctx.Done()
	close(p.hold)
	wg.Wait()
	if p.calls.Load() != 4 || busy.Load() != 6 {
		t.Errorf("%d calls, %d busy; want 4 and 6", p.calls.Load(), busy.Load())
	}
}
