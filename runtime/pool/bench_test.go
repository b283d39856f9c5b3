package pool

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// BenchmarkEcho compares a pool that echoes 200 bytes, asked by the client package, with the
// service that most people write: one channel, a goroutine for each delivery, a reply and an
// acknowledgement each. Both use the topic exchange, a durable queue, direct reply-to and 128
// requests in flight. CPU-µs/op is that of this process, client and server together.
//
//	go test -run '^$' -bench Echo -count 6 ./runtime/pool
func BenchmarkEcho(b *testing.B) {
	b.Run("naive", func(b *testing.B) {
		w := newWorld(b)
		naiveServer(w)
		benchCalls(b, w, naiveClient(w))
	})
	for _, instances := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("pool-%d", instances), func(b *testing.B) {
			w := newWorld(b)
			w.start(instances, 128, echo)
			c := w.client()
			benchCalls(b, w, func(body []byte) error {
				_, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Type: "ping", Body: body})
				return err
			})
		})
	}
}

func benchCalls(b *testing.B, w *world, call func([]byte) error) {
	body := make([]byte, 200)
	if err := call(body); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	began := processCPU()
	b.ResetTimer()
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for range 128 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := call(body); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rpc/s")
	b.ReportMetric(float64((processCPU()-began).Microseconds())/float64(b.N), "CPU-µs/op")
}

// naiveServer is what tutorials show, with a sensible prefetch.
func naiveServer(w *world) {
	declare := sessiontest.Channel(w)
	must(w, declare.ExchangeDeclare(w.topo.Exchange, "topic", true, false, false, false, nil))
	_, err := declare.QueueDeclare(w.queue, true, false, false, false, nil)
	must(w, err)
	must(w, declare.QueueBind(w.queue, "rec.read.#", w.topo.Exchange, false, nil))
	ch := sessiontest.Channel(w)
	must(w, ch.Qos(128, 0, false))
	in, err := ch.Consume(w.queue, "", false, false, false, false, nil)
	must(w, err)
	go func() {
		for m := range in {
			go func() {
				_ = ch.PublishWithContext(context.Background(), "", m.ReplyTo, false, false,
					amqp.Publishing{ContentType: "application/json", CorrelationId: m.CorrelationId, Body: m.Body})
				_ = m.Ack(false)
			}()
		}
	}()
}

func naiveClient(w *world) func([]byte) error {
	ch := sessiontest.Channel(w)
	in, err := ch.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	must(w, err)
	var mu sync.Mutex
	pending := map[string]chan struct{}{}
	next := 0
	go func() {
		for m := range in {
			mu.Lock()
			done := pending[m.CorrelationId]
			delete(pending, m.CorrelationId)
			mu.Unlock()
			close(done)
		}
	}()
	return func(body []byte) error {
		done := make(chan struct{})
		mu.Lock()
		next++
		id := fmt.Sprint(next)
		pending[id] = done
		mu.Unlock()
		err := ch.PublishWithContext(w.ctx, w.topo.Exchange, w.key, false, false, amqp.Publishing{
			ContentType: "application/json", Type: "ping", ReplyTo: "amq.rabbitmq.reply-to", CorrelationId: id, Body: body, Expiration: "10000",
		})
		<-done
		return err
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// processCPU returns what this process has used, user and system.
func processCPU() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
