package session_test

import (
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// BenchmarkRPC measures round trips of 200 bytes by way of the default exchange, with 128 in
// flight, one connection for the client and one for the server in this process. CPU-µs/op is
// that of this process, for both sides together. Compare in one run:
//
//	go test -run '^$' -bench RPC -count 6 ./runtime/session
func BenchmarkRPC(b *testing.B) {
	address := sessiontest.URL(b)
	plain := amqp.Config{Dial: amqp.DefaultDial(10 * time.Second)}
	gathered := amqp.Config{Dial: session.Dialer(session.Config{})}
	b.Run("plain", func(b *testing.B) {
		benchRPC(b, func() *amqp.Connection { return mustDial(b, address, plain) })
	})
	b.Run("coalescing", func(b *testing.B) {
		benchRPC(b, func() *amqp.Connection { return mustDial(b, address, gathered) })
	})
	b.Run("session", func(b *testing.B) { benchSessionRPC(b, address) })
}

func mustDial(b *testing.B, address string, cfg amqp.Config) *amqp.Connection {
	b.Helper()
	conn, err := amqp.DialConfig(address, cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

func benchRPC(b *testing.B, dial func() *amqp.Connection) {
	client, err := dial().Channel()
	if err != nil {
		b.Fatal(err)
	}
	server, err := dial().Channel()
	if err != nil {
		b.Fatal(err)
	}
	loop(b, client, server)
}

func benchSessionRPC(b *testing.B, address string) {
	near, far := open(b, address), open(b, address)
	client, err := live(b, near).Channel()
	if err != nil {
		b.Fatal(err)
	}
	server, err := live(b, far).Channel()
	if err != nil {
		b.Fatal(err)
	}
	loop(b, client, server)
	b.ReportMetric(float64(near.Stats().Flushes+far.Stats().Flushes)/float64(b.N), "writes/op")
}

// loop echoes b.N messages, keeping 128 on their way.
func loop(b *testing.B, client, server *amqp.Channel) {
	requests := temporaryQueue(b, client)
	replies := temporaryQueue(b, client)
	in, err := server.Consume(requests, "", true, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	out, err := client.Consume(replies, "", true, false, false, false, nil)
	if err != nil {
		b.Fatal(err)
	}
	var wg sync.WaitGroup
	defer wg.Wait()
	defer func() { _ = server.Close() }()
	wg.Go(func() {
		for m := range in {
			_ = server.Publish("", m.ReplyTo, false, false, amqp.Publishing{CorrelationId: m.CorrelationId, Body: m.Body})
		}
	})

	body := make([]byte, 200)
	send := func(i int) {
		msg := amqp.Publishing{ReplyTo: replies, CorrelationId: strconv.Itoa(i), Body: body}
		if err := client.Publish("", requests, false, false, msg); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	began := cpu()
	b.ResetTimer()
	sent := 0
	for ; sent < min(b.N, 128); sent++ {
		send(sent)
	}
	for range b.N {
		<-out
		if sent < b.N {
			send(sent)
			sent++
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rpc/s")
	b.ReportMetric(float64((cpu()-began).Microseconds())/float64(b.N), "CPU-µs/op")
}

func temporaryQueue(b *testing.B, ch *amqp.Channel) string {
	b.Helper()
	name := sessiontest.Name("bench")
	if _, err := ch.QueueDeclare(name, true, false, false, false, nil); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = sessiontest.Channel(b).QueueDelete(name, false, false, false) })
	return name
}

// cpu returns what this process has used, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var _ net.Conn = (*session.Coalescer)(nil)
