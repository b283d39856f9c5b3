package pool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// behindProxy makes the pool connect by way of a proxy.
func (w *world) behindProxy() *sessiontest.Proxy {
	w.Helper()
	proxy := sessiontest.NewProxy(w, sessiontest.URL(w))
	w.cfg.Session.URLs = []string{sessiontest.Through(w, sessiontest.URL(w), proxy)}
	return proxy
}

// fill publishes n messages with the ids 0 to n-1, confirmed.
func (w *world) fill(n int) {
	w.Helper()
	c := w.client()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if err := c.Publish(w.ctx, w.key, client.Publishing{MessageID: fmt.Sprint(i), Persistent: true}); err != nil {
				w.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestManyWorkersFinishInAnyOrder(t *testing.T) {
	w := newWorld(t)
	var n atomic.Int64
	w.start(2, 50, func(context.Context, *Delivery) Result {
		if n.Add(1)%40 == 0 {
			time.Sleep(30 * time.Millisecond) // holds the low-water mark back
		}
		return Result{}
	})
	w.fill(3000)
	sessiontest.Eventually(t, "all done", func() bool { return w.stats().Done == 3000 })
	// A second acknowledgement of a tag closes the channel with 406, which redelivers.
	if st := w.stats(); st.Delivered != 3000 || st.Redelivered != 0 || st.Stale != 0 {
		t.Errorf("counters %+v", st)
	}
	sessiontest.Eventually(t, "the broker has all acknowledgements", func() bool { return unacked(w) == 0 })
}

// unacked counts what a drained queue would give back, by stopping the consumers.
func unacked(w *world) int {
	if err := w.pool.Pause(w.ctx); err != nil {
		w.Fatal(err)
	}
	return w.depth(w.queue)
}

func TestSlowDeliveryDoesNotUseUpTheWindow(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.start(1, 8, func(_ context.Context, d *Delivery) Result {
		if d.MessageID == "0" {
			<-hold
		}
		return Result{}
	})
	c := w.client()
	for i := range 100 {
		if err := c.Publish(w.ctx, w.key, client.Publishing{MessageID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	sessiontest.Eventually(t, "99 pass the slow one", func() bool { return w.stats().Done == 99 })
	close(hold)
	sessiontest.Eventually(t, "the slow one is done", func() bool { return w.stats().Done == 100 })
	if st := w.stats(); st.Redelivered != 0 {
		t.Errorf("counters %+v", st)
	}
}

func TestKilledConnectionRedeliversAndNoStaleAckPasses(t *testing.T) {
	w := newWorld(t)
	proxy := w.behindProxy()
	hold := make(chan struct{})
	var mu sync.Mutex
	runs := map[string]int{}
	w.start(1, 10, func(_ context.Context, d *Delivery) Result {
		mu.Lock()
		runs[d.MessageID]++
		first := runs[d.MessageID] == 1
		mu.Unlock()
		if first {
			<-hold
		}
		return Result{}
	})
	w.fill(30)
	sessiontest.Eventually(t, "a window is in hand", func() bool { return w.stats().InFlight == 10 })
	proxy.Kill()
	// The new session has delivered the same tags 1 to 10 again when the old results come in.
	sessiontest.Eventually(t, "the window is redelivered", func() bool { return w.stats().Redelivered >= 10 })
	close(hold)
	sessiontest.Eventually(t, "all done", func() bool { return w.stats().Done == 30 && w.stats().InFlight == 0 })
	if st := w.stats(); st.Stale < 10 || st.Delivered != 40 {
		t.Errorf("counters %+v", st)
	}
	if n := unacked(w); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	mu.Lock()
	defer mu.Unlock()
	for id, n := range runs {
		if n < 1 || n > 2 {
			t.Errorf("message %s ran %d times", id, n)
		}
	}
}

func TestConnectionsKilledUnderLoadLoseNothing(t *testing.T) {
	w := newWorld(t)
	proxy := w.behindProxy()
	var mu sync.Mutex
	seen := map[string]bool{}
	w.start(2, 20, func(_ context.Context, d *Delivery) Result {
		time.Sleep(time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		if !seen[d.MessageID] {
			seen[d.MessageID] = true
			if len(seen)%10 == 0 {
				return Result{Verdict: Retry}
			}
			if len(seen)%25 == 1 {
				return Result{Verdict: Quarantine, Code: "conflict"}
			}
		}
		return Result{}
	})
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(120 * time.Millisecond):
				proxy.Kill()
			}
		}
	})
	w.fill(2000)
	time.Sleep(time.Second)
	close(stop)
	killer.Wait()
	sessiontest.Eventually(t, "all seen", func() bool { mu.Lock(); defer mu.Unlock(); return len(seen) == 2000 })
	sessiontest.Eventually(t, "nothing left", func() bool {
		return w.depth(w.queue) == 0 && w.depth(session.RetryQueue(w.queue, 0)) == 0 && w.stats().InFlight == 0
	})
	if st := w.pool.Stats(); st.Consume.Lost == 0 || st.Publish.Lost == 0 {
		t.Errorf("no session was lost: %+v", st)
	}
}

func TestHandlersReplyAgainAfterTheSessionIsBack(t *testing.T) {
	w := newWorld(t)
	proxy := w.behindProxy()
	w.start(1, 4, func(_ context.Context, d *Delivery) Result {
		time.Sleep(20 * time.Millisecond)
		return Result{Reply: d.Body}
	})
	c := w.client() // not by way of the proxy: its address survives
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			want := fmt.Sprint(i)
			if got, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Body: []byte(want)}); err != nil || string(got) != want {
				t.Errorf("%q, %v; want %s", got, err, want)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	proxy.Kill()
	wg.Wait()
}

func TestBlockedConnectionHoldsRepliesBack(t *testing.T) {
	w := newWorld(t)
	proxy := w.behindProxy()
	w.start(1, 4, echo)
	c := w.client()
	if _, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Body: []byte("warm")}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond) // until nothing is on its way
	proxy.Block(true)
	sessiontest.Eventually(t, "it is blocked", func() bool { return w.pool.Stats().Publish.State == session.Blocked })
	if w.pool.Ready() {
		t.Error("a blocked pool says ready")
	}
	got := make(chan error, 1)
	go func() {
		_, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Body: []byte("held")})
		got <- err
	}()
	sessiontest.Eventually(t, "the request was taken", func() bool { return w.stats().InFlight == 1 })
	select {
	case err := <-got:
		t.Fatalf("answered while blocked: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	proxy.Block(false)
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestDeletedQueueComesBack(t *testing.T) {
	w := newWorld(t)
	w.start(2, 4, echo)
	ch := sessiontest.Channel(t)
	if _, err := ch.QueueDelete(w.queue, false, false, false); err != nil {
		t.Fatal(err)
	}
	c := w.client()
	sessiontest.Eventually(t, "requests are answered again", func() bool {
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		_, err := c.Roundtrip(ctx, w.key, client.Publishing{Body: []byte("x")})
		return err == nil
	})
	sessiontest.Eventually(t, "all consumers are back", w.pool.Ready)
}

// The broker tells nobody that an exchange is gone.
func TestDeletedExchangeComesBack(t *testing.T) {
	w := newWorld(t)
	w.start(1, 4, echo)
	c := w.client()
	if _, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Body: []byte("before")}); err != nil {
		t.Fatal(err)
	}
	if err := sessiontest.Channel(t).ExchangeDelete(w.topo.Exchange, false, false); err != nil {
		t.Fatal(err)
	}
	sessiontest.Eventually(t, "requests are routed again", func() bool {
		ctx, cancel := context.WithTimeout(w.ctx, time.Second)
		defer cancel()
		_, err := c.Roundtrip(ctx, w.key, client.Publishing{Body: []byte("after")})
		return err == nil
	})
}

func TestDeletedRetryQueueComesBack(t *testing.T) {
	w := newWorld(t)
	w.start(1, 4, func(_ context.Context, d *Delivery) Result {
		if d.Attempt == 1 {
			return Result{Verdict: Retry}
		}
		return Result{Reply: []byte("done")}
	})
	if _, err := sessiontest.Channel(t).QueueDelete(session.RetryQueue(w.queue, 0), false, false, false); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client().Roundtrip(w.ctx, w.key, client.Publishing{}); err != nil {
		t.Error(err)
	}
}

func TestDrainUnderLoadLosesNothing(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	ran := map[string]int{}
	handler := func(_ context.Context, d *Delivery) Result {
		time.Sleep(time.Millisecond)
		mu.Lock()
		ran[d.MessageID]++
		mu.Unlock()
		return Result{Reply: []byte("ok")}
	}
	brokers := []Broker{{Name: "rBroker", Queues: []string{w.queue}, Instances: 2, Prefetch: 20, Handler: handler}}
	w.startBrokers(brokers...)
	c := w.client()
	const n = 3000
	var wg sync.WaitGroup
	for worker := range 30 {
		wg.Go(func() {
			for i := range n / 30 {
				id := fmt.Sprintf("%d-%d", worker, i)
				if _, err := c.Roundtrip(w.ctx, w.key, client.Publishing{MessageID: id}); err != nil {
					t.Errorf("request %s: %v", id, err)
				}
			}
		})
	}
	for range 4 { // one pool after another takes over in the middle of the load
		time.Sleep(60 * time.Millisecond)
		old := w.pool
		w.startBrokers(brokers...)
		if err := old.Drain(w.ctx); err != nil {
			t.Errorf("drain: %v", err)
		}
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	for id, times := range ran {
		if times != 1 {
			t.Errorf("request %s ran %d times", id, times)
		}
	}
	if len(ran) != n {
		t.Errorf("%d requests ran, want %d", len(ran), n)
	}
}

func TestDrainIsBounded(t *testing.T) {
	w := newWorld(t)
	started, hold := make(chan struct{}), make(chan struct{})
	p, err := New(w.cfg, []Broker{{Name: "rBroker", Queues: []string{w.queue}, Instances: 1, Prefetch: 1,
		Handler: func(ctx context.Context, _ *Delivery) Result {
			close(started)
			<-ctx.Done() // a handler that only ends when the pool is torn down
			<-hold
			return Result{}
		}}})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- p.Run(context.Background()) }()
	sessiontest.Eventually(t, "the pool is ready", p.Ready)
	w.fill(1)
	<-started
	ctx, cancel := context.WithTimeout(w.ctx, 100*time.Millisecond)
	defer cancel()
	if err := p.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("drain: %v", err)
	}
	if err := <-done; err == nil {
		t.Error("Run knows nothing of it")
	}
	close(hold)
	sessiontest.Eventually(t, "the message is back", func() bool { return w.depth(w.queue) == 1 })
}

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	p, err := New(w.cfg, []Broker{{Name: "rBroker", Queues: []string{w.queue}, Instances: 3, Prefetch: 2, Handler: echo}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	sessiontest.Eventually(t, "the pool is ready", p.Ready)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if p.Ready() {
		t.Error("a drained pool says ready")
	}
	if err := p.Run(w.ctx); !errors.Is(err, ErrRunning) {
		t.Errorf("second Run: %v", err)
	}
}

func TestPauseResumeScale(t *testing.T) {
	w := newWorld(t)
	w.start(2, 4, echo)
	c := w.client()
	ask := func(limit time.Duration) error {
		ctx, cancel := context.WithTimeout(w.ctx, limit)
		defer cancel()
		_, err := c.Roundtrip(ctx, w.key, client.Publishing{Body: []byte("x")})
		return err
	}
	if err := w.pool.Pause(w.ctx, w.queue); err != nil {
		t.Fatal(err)
	}
	if err := ask(100 * time.Millisecond); !errors.Is(err, client.ErrTimeout) {
		t.Errorf("a paused queue: %v", err)
	}
	if !w.pool.Ready() || !w.stats().Paused || w.stats().Subscribed != 0 {
		t.Errorf("paused: %+v", w.stats())
	}
	if err := w.pool.Resume(w.ctx, w.queue); err != nil {
		t.Fatal(err)
	}
	if err := ask(5 * time.Second); err != nil {
		t.Error(err)
	}
	for _, n := range []int{5, 1, 3} {
		if err := w.pool.Scale(w.ctx, "rBroker", n); err != nil {
			t.Fatal(err)
		}
		sessiontest.Eventually(t, "the consumers are there", func() bool { return w.stats().Subscribed == n })
		if err := ask(5 * time.Second); err != nil {
			t.Error(err)
		}
	}
	if w.pool.Scale(w.ctx, "nobody", 1) == nil || w.pool.Pause(w.ctx, "nowhere") == nil || w.pool.Scale(w.ctx, "rBroker", -1) == nil {
		t.Error("nonsense was accepted")
	}
}

func TestOneBrokersCrashesLeaveAnotherAlone(t *testing.T) {
	w := newWorld(t)
	other := sessiontest.Topology(t, nil, "rel.read")
	w.cfg.Topology.Queues = append(w.cfg.Topology.Queues, other.Queues[0])
	w.startBrokers(
		Broker{Name: "wBroker", Queues: []string{w.queue}, Instances: 1, Prefetch: 5, Handler: func(context.Context, *Delivery) Result { panic("poison") }},
		Broker{Name: "rBroker", Queues: []string{other.Queues[0].Name}, Instances: 1, Prefetch: 5, Handler: echo},
	)
	w.fill(50)
	c := w.client()
	for range 50 {
		if _, err := c.Roundtrip(w.ctx, "rel.read.x", client.Publishing{Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	sessiontest.Eventually(t, "all poison is quarantined", func() bool { return w.stats().Quarantined == 50 && w.stats().Done == 50 })
	if n := w.depth(session.DeadLetterQueue(w.queue)); n != 50 {
		t.Errorf("%d dead letters", n)
	}
}
