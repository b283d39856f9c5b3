package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// node is the least that can answer: a queue and a function.
type node struct {
	testing.TB
	ctx  context.Context
	topo session.Topology
	got  chan amqp.Delivery // what arrived
}

// newNode declares a queue for rec.read.# and answers each message with reply's result;
// nil is no answer.
func newNode(t *testing.T, reply func(amqp.Delivery) []byte) *node {
	t.Helper()
	n := &node{TB: t, ctx: sessiontest.Context(t), topo: sessiontest.Topology(t, nil, "rec.read"), got: make(chan amqp.Delivery, 1000)}
	conn, err := session.Open(n.ctx, session.Config{URLs: []string{sessiontest.URL(t)}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(n.ctx) })
	if err := session.Declare(n.ctx, conn, n.topo); err != nil {
		t.Fatal(err)
	}
	ch := sessiontest.Channel(t)
	in, err := ch.Consume(n.topo.Queues[0].Name, "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for m := range in {
			n.got <- m
			if body := reply(m); body != nil {
				_ = ch.PublishWithContext(n.ctx, "", m.ReplyTo, false, false, amqp.Publishing{CorrelationId: m.CorrelationId, Body: body})
			}
		}
	}()
	return n
}

func (n *node) dial(url string, edit ...func(*client.Config)) *client.Client {
	n.Helper()
	cfg := client.Config{URLs: []string{url}, Exchange: n.topo.Exchange, Name: n.Name(), Logger: quiet}
	for _, e := range edit {
		e(&cfg)
	}
	c, err := client.Dial(n.ctx, cfg)
	if err != nil {
		n.Fatal(err)
	}
	n.Cleanup(func() {
		if err := c.Close(); err != nil {
			n.Errorf("close: %v", err)
		}
	})
	return c
}

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func echo(m amqp.Delivery) []byte { return m.Body }
func silent(amqp.Delivery) []byte { return nil }

const key = "rec.read.example"

func TestRoundtripCarriesItsProperties(t *testing.T) {
	n := newNode(t, echo)
	c := n.dial(sessiontest.URL(t))
	ctx, cancel := context.WithTimeout(n.ctx, 1500*time.Millisecond)
	defer cancel()
	body, err := c.Roundtrip(ctx, key, client.Publishing{Type: "fetch", MessageID: "m1", UserID: sessiontest.User(t), Persistent: true, Body: []byte(`{}`)})
	if err != nil || string(body) != "{}" {
		t.Fatalf("%q, %v", body, err)
	}
	m := <-n.got
	if m.Type != "fetch" || m.MessageId != "m1" || m.UserId != sessiontest.User(t) || m.DeliveryMode != amqp.Persistent || m.RoutingKey != key || m.ContentType != "application/json" {
		t.Errorf("sent %+v", m)
	}
	var ms int
	if _, err := fmt.Sscan(m.Expiration, &ms); err != nil || ms < 500 || ms > 1500 {
		t.Errorf("expiration %q", m.Expiration)
	}
}

func TestRepliesFindTheirCallers(t *testing.T) {
	n := newNode(t, echo)
	c := n.dial(sessiontest.URL(t))
	var wg sync.WaitGroup
	for i := range 500 {
		wg.Go(func() {
			want := fmt.Sprint(i)
			if got, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte(want)}); err != nil || string(got) != want {
				t.Errorf("%q, %v; want %s", got, err, want)
			}
		})
	}
	wg.Wait()
	if calls, replies, strays := c.Stats(); calls != 500 || replies != 500 || strays != 0 {
		t.Errorf("%d calls, %d replies, %d strays", calls, replies, strays)
	}
}

func TestTimeoutAndCancel(t *testing.T) {
	n := newNode(t, silent)
	c := n.dial(sessiontest.URL(t), func(cfg *client.Config) { cfg.Timeout = 50 * time.Millisecond })
	_, err := c.Roundtrip(context.Background(), key, client.Publishing{})
	if !errors.Is(err, client.ErrTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Roundtrip(ctx, key, client.Publishing{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestNoRouteIsToldAtOnce(t *testing.T) {
	n := newNode(t, echo)
	c := n.dial(sessiontest.URL(t))
	began := time.Now()
	_, err := c.Roundtrip(n.ctx, "rel.read.nobody", client.Publishing{})
	if !errors.Is(err, client.ErrNoRoute) || !strings.Contains(err.Error(), "rel.read.nobody") || time.Since(began) > 3*time.Second {
		t.Errorf("roundtrip: %v after %v", err, time.Since(began))
	}
	if err := c.Publish(n.ctx, "rel.read.nobody", client.Publishing{}); !errors.Is(err, client.ErrNoRoute) {
		t.Errorf("publish: %v", err)
	}
	if err := c.Publish(n.ctx, key, client.Publishing{}); err != nil {
		t.Errorf("publish: %v", err)
	}
}

func TestSessionLossFailsPendingCallsAtOnce(t *testing.T) {
	n := newNode(t, func(m amqp.Delivery) []byte {
		if string(m.Body) == "silent" {
			return nil
		}
		return m.Body
	})
	proxy := sessiontest.NewProxy(t, sessiontest.URL(t))
	c := n.dial(sessiontest.Through(t, sessiontest.URL(t), proxy))
	const calls = 20
	failed := make(chan error, calls)
	for range calls {
		go func() {
			_, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("silent")})
			failed <- err
		}()
	}
	for range calls {
		<-n.got // all are pending
	}
	began := time.Now()
	proxy.Kill()
	for range calls {
		if err := <-failed; !errors.Is(err, client.ErrSessionLost) {
			t.Errorf("error %v", err)
		}
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("the callers waited %v", took)
	}
	if got, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("again")}); err != nil || string(got) != "again" {
		t.Errorf("after the reconnect: %q, %v", got, err)
	}
}

func TestPendingCallsAreBounded(t *testing.T) {
	n := newNode(t, silent)
	c := n.dial(sessiontest.URL(t), func(cfg *client.Config) { cfg.MaxPending = 2 })
	ctx, cancel := context.WithCancel(n.ctx)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { _, _ = c.Roundtrip(ctx, key, client.Publishing{}) })
	}
	<-n.got
	<-n.got
	if _, err := c.Roundtrip(n.ctx, key, client.Publishing{}); !errors.Is(err, client.ErrBusy) {
		t.Errorf("error %v", err)
	}
	cancel()
	wg.Wait()
}

func TestOneBadRequestHarmsNobody(t *testing.T) {
	n := newNode(t, echo)
	c := n.dial(sessiontest.URL(t))
	for _, p := range []client.Publishing{{UserID: "somebody else"}, {Type: strings.Repeat("t", 256)}} {
		if _, err := c.Roundtrip(n.ctx, key, p); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("error %v", err)
		}
		if err := c.Publish(n.ctx, key, p); !errors.Is(err, client.ErrInvalid) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := c.Roundtrip(n.ctx, strings.Repeat("k", 300), client.Publishing{}); !errors.Is(err, client.ErrInvalid) {
		t.Errorf("error %v", err)
	}
	if _, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("x")}); err != nil {
		t.Error(err)
	}
}

func TestCloseFailsPendingCalls(t *testing.T) {
	n := newNode(t, silent)
	c := n.dial(sessiontest.URL(t))
	failed := make(chan error, 1)
	go func() {
		_, err := c.Roundtrip(n.ctx, key, client.Publishing{})
		failed <- err
	}()
	<-n.got
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	if err := <-failed; !errors.Is(err, client.ErrClosed) {
		t.Errorf("error %v", err)
	}
	if _, err := c.Roundtrip(n.ctx, key, client.Publishing{}); !errors.Is(err, client.ErrClosed) {
		t.Errorf("error %v", err)
	}
	if err := c.Publish(n.ctx, key, client.Publishing{}); !errors.Is(err, client.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestDialReportsARefusal(t *testing.T) {
	url := sessiontest.Refused(t, sessiontest.User(t), "canary-secret")
	_, err := client.Dial(sessiontest.Context(t), client.Config{URLs: []string{url}, Logger: quiet})
	var refused *session.AuthError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "canary") {
		t.Errorf("error %v", err)
	}
}

// TestUnknownIsResolved: the client asks again, with the same key and the same body, when
// the reply says unknown and when the session breaks before there is one.
func TestUnknownIsResolved(t *testing.T) {
	answers := []string{
		`{"v":1,"event_id":"e","status":"unknown","data":[],"error":{"code":"unknown","message":"the connection broke","retryable":true},"node":"n","took_us":1}`,
		"", // the session is killed instead
		`{"v":1,"event_id":"e","status":"ok","data":[{"id":"01920000-0000-7000-8000-0000000000aa","revision":1}],"count":1,"node":"n","took_us":1}`,
	}
	next := 0
	n := newNode(t, func(amqp.Delivery) []byte {
		answer := answers[next]
		next++
		if answer == "" {
			return nil
		}
		return []byte(answer)
	})
	proxy := sessiontest.NewProxy(t, sessiontest.URL(t))
	c := n.dial(sessiontest.Through(t, sessiontest.URL(t), proxy))
	result := make(chan error, 1)
	go func() {
		reply, err := c.Call(n.ctx, &envelope.Request{Template: "example", Op: envelope.OpCount, Data: []byte("{}")}, "rec")
		if err == nil && reply.Count != 1 {
			err = fmt.Errorf("reply %+v", reply)
		}
		result <- err
	}()
	first, second := <-n.got, <-n.got
	proxy.Kill()
	third := <-n.got
	if err := <-result; err != nil {
		t.Fatal(err)
	}
	for _, m := range []amqp.Delivery{second, third} {
		if string(m.Body) != string(first.Body) || m.MessageId != first.MessageId {
			t.Errorf("asked again with %s of %s instead of %s of %s", m.Body, m.MessageId, first.Body, first.MessageId)
		}
	}
	_, err := c.Call(n.ctx, &envelope.Request{Template: "example", Op: envelope.OpObject, Data: []byte("{}")}, "rec")
	if !errors.Is(err, client.ErrNoRoute) {
		t.Errorf("an object: %v", err)
	}
}
