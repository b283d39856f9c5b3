// Package sessiontest helps to test against a real RabbitMQ: its address, names that collide
// with nobody's, and a proxy that breaks connections.
package sessiontest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net"
	"net/url"
	"os"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// URL returns the broker's address. Tests never skip silently: without one they fail and say
// what to run.
func URL(tb testing.TB) string {
	tb.Helper()
	address := os.Getenv("BEDS_TEST_AMQP_URL")
	if address == "" {
		tb.Fatal("no RabbitMQ to test against: run `make test` or `scripts/with-servers go test ./...`, or set BEDS_TEST_AMQP_URL")
	}
	return address
}

// User returns the account in the broker's address.
func User(tb testing.TB) string {
	tb.Helper()
	uri, err := amqp.ParseURI(URL(tb))
	if err != nil {
		tb.Fatal("the broker's address cannot be parsed")
	}
	return uri.Username
}

// Refused returns the broker's address with a user and password that it does not accept.
func Refused(tb testing.TB, user, password string) string {
	tb.Helper()
	u, err := url.Parse(URL(tb))
	if err != nil {
		tb.Fatal("the broker's address cannot be parsed")
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

// Name returns prefix with a random end.
func Name(prefix string) string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return prefix + "." + hex.EncodeToString(b[:])
}

// Channel opens a channel on a plain connection, for looking at the broker from outside.
// Both are closed at the end of the test.
func Channel(tb testing.TB) *amqp.Channel {
	tb.Helper()
	conn, err := amqp.Dial(URL(tb))
	if err != nil {
		tb.Fatalf("connecting to RabbitMQ: %v", err)
	}
	tb.Cleanup(func() { _ = conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		tb.Fatalf("opening a channel: %v", err)
	}
	return ch
}

// Topology returns a topology of its own for one test, with the queues named after kinds and
// bound to them, and deletes it at the end.
func Topology(tb testing.TB, delays []time.Duration, kinds ...string) session.Topology {
	tb.Helper()
	t := session.Topology{Exchange: Name("test.events"), DLX: Name("test.dlx"), RetryDelays: delays}
	for _, kind := range kinds {
		name := Name("test." + kind)
		t.Queues = append(t.Queues, session.Queue{Name: name, Keys: []string{kind}})
	}
	tb.Cleanup(func() { Delete(tb, t) })
	return t
}

// Delete removes all that a topology declares.
func Delete(tb testing.TB, t session.Topology) {
	tb.Helper()
	conn, err := amqp.Dial(URL(tb))
	if err != nil {
		tb.Errorf("connecting to clean up: %v", err)
		return
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		tb.Errorf("opening a channel to clean up: %v", err)
		return
	}
	for _, q := range t.Queues {
		names := []string{q.Name, session.DeadLetterQueue(q.Name)}
		for step := range t.RetryDelays {
			names = append(names, session.RetryQueue(q.Name, step))
		}
		for _, name := range names {
			_, _ = ch.QueueDelete(name, false, false, false) // deleting what is not there is fine in RabbitMQ
		}
	}
	_ = ch.ExchangeDelete(t.Exchange, false, false)
	_ = ch.ExchangeDelete(session.DirectExchange(t.Exchange), false, false)
	_ = ch.ExchangeDelete(t.DLX, false, false)
}

// Context returns a context that ends shortly before the test would be reported as hung.
func Context(tb testing.TB) context.Context {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	tb.Cleanup(cancel)
	return ctx
}

// Eventually waits until a condition holds and fails the test after ten seconds.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	tb.Fatalf("after 10 seconds still not: %s", what)
}

// Through returns address with its host replaced, to go through a [Proxy].
func Through(tb testing.TB, address string, proxy *Proxy) string {
	tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		tb.Fatal("the broker's address cannot be parsed")
	}
	u.Host = proxy.Addr()
	return u.String()
}

// target returns host:port of an AMQP address.
func target(tb testing.TB, address string) string {
	tb.Helper()
	uri, err := amqp.ParseURI(address)
	if err != nil {
		tb.Fatal("the broker's address cannot be parsed")
	}
	return net.JoinHostPort(uri.Host, itoa(uri.Port))
}
