package pool

import (
	"context"
	"io"
	"log/slog"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func testLog() *slog.Logger {
	if os.Getenv("BEDS_TEST_VERBOSE") != "" {
		return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return slog.New(slog.NewTextHandler(io.Discard, nil))
}

// world is one exchange with one queue, a pool on it and a client.
type world struct {
	testing.TB
	ctx   context.Context
	topo  session.Topology
	queue string
	key   string // routes to queue
	cfg   Config
	pool  *Pool
}

// newWorld prepares everything but starts nothing.
func newWorld(tb testing.TB, delays ...time.Duration) *world {
	tb.Helper()
	if delays == nil {
		delays = []time.Duration{50 * time.Millisecond, 150 * time.Millisecond}
	}
	topo := sessiontest.Topology(tb, delays, "rec.read")
	return &world{
		TB: tb, ctx: sessiontest.Context(tb), topo: topo, queue: topo.Queues[0].Name, key: "rec.read.example",
		cfg: Config{
			Session:  session.Config{URLs: []string{sessiontest.URL(tb)}, Logger: testLog(), BackoffMin: 10 * time.Millisecond, BackoffMax: 100 * time.Millisecond},
			Topology: topo, Logger: testLog(), NodeID: "node-1",
		},
	}
}

// start runs a pool with one broker and waits until it is ready; the test's end drains it.
func (w *world) start(instances, prefetch int, h Handler) {
	w.Helper()
	w.startBrokers(Broker{Name: "rBroker", Queues: []string{w.queue}, Instances: instances, Prefetch: prefetch, Handler: h})
}

func (w *world) startBrokers(brokers ...Broker) {
	w.Helper()
	p, err := New(w.cfg, brokers)
	if err != nil {
		w.Fatal(err)
	}
	w.pool = p
	done := make(chan error, 1)
	go func() { done <- p.Run(context.Background()) }()
	w.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.Drain(ctx); err != nil {
			w.Errorf("drain: %v", err)
		}
		if err := <-done; err != nil {
			w.Errorf("run: %v", err)
		}
	})
	sessiontest.Eventually(w, "the pool is ready", p.Ready)
}

func (w *world) client() *client.Client {
	w.Helper()
	return w.clientAt(sessiontest.URL(w))
}

func (w *world) clientAt(url string) *client.Client {
	w.Helper()
	c, err := client.Dial(w.ctx, client.Config{URLs: []string{url}, Exchange: w.topo.Exchange, Logger: testLog()})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = c.Close() })
	return c
}

// stats returns the counters of the only queue.
func (w *world) stats() QueueStats { return w.pool.Stats().Queues[0] }

// depth counts the messages that are ready in a queue.
func (w *world) depth(queue string) int {
	w.Helper()
	q, err := sessiontest.Channel(w).QueueDeclarePassive(queue, true, false, false, false, nil)
	if err != nil {
		w.Fatal(err)
	}
	return q.Messages
}

func echo(_ context.Context, d *Delivery) Result { return Result{Reply: d.Body} }
