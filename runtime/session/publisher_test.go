package session_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestPublisherTellsReturnedFromStored(t *testing.T) {
	topo := sessiontest.Topology(t, nil, "rec.read")
	c, ctx := open(t, sessiontest.URL(t)), sessiontest.Context(t)
	if err := session.Declare(ctx, c, topo); err != nil {
		t.Fatal(err)
	}
	p := session.NewPublisher(c, 32)
	defer func() { _ = p.Close(ctx) }()
	var wg sync.WaitGroup
	for i := range 400 {
		wg.Go(func() {
			key, want := "rec.read.x", error(nil)
			if i%2 == 1 {
				key, want = "nowhere", session.ErrUnroutable
			}
			// One message id for all: the publisher must not rely on it.
			err := p.Publish(ctx, session.Message{Exchange: topo.Exchange, Key: key, Mandatory: true, Publishing: amqp.Publishing{MessageId: "same"}})
			if !errors.Is(err, want) {
				t.Errorf("message %d to %s: %v", i, key, err)
			}
		})
	}
	wg.Wait()
	q, err := sessiontest.Channel(t).QueueDeclarePassive(topo.Queues[0].Name, true, false, false, false, nil)
	if err != nil || q.Messages != 200 {
		t.Errorf("%d messages stored (%v), want 200", q.Messages, err)
	}
}

func TestPublisherAcrossSessions(t *testing.T) {
	address := sessiontest.URL(t)
	topo := sessiontest.Topology(t, nil, "rec.read")
	proxy := sessiontest.NewProxy(t, address)
	c, ctx := open(t, sessiontest.Through(t, address, proxy)), sessiontest.Context(t)
	if err := session.Declare(ctx, c, topo); err != nil {
		t.Fatal(err)
	}
	p := session.NewPublisher(c, 8)
	defer func() { _ = p.Close(ctx) }()
	msg := session.Message{Exchange: topo.Exchange, Key: "rec.read.x", Mandatory: true}
	for i := range 200 {
		if i%50 == 25 {
			proxy.Kill()
		}
		for p.Publish(ctx, msg) != nil {
			if ctx.Err() != nil {
				t.Fatal("gave up")
			}
		}
	}
	q, err := sessiontest.Channel(t).QueueDeclarePassive(topo.Queues[0].Name, true, false, false, false, nil)
	if err != nil || q.Messages < 200 {
		t.Errorf("%d messages stored (%v), want at least 200", q.Messages, err)
	}
}

func TestPublisherRefusesWhatWouldBreakTheConnection(t *testing.T) {
	c, ctx := open(t, sessiontest.URL(t)), sessiontest.Context(t)
	p := session.NewPublisher(c, 1)
	s := live(t, c)
	for _, m := range []session.Message{
		{Key: strings.Repeat("k", 256)},
		{Publishing: amqp.Publishing{Headers: amqp.Table{"h": struct{}{}}}},
	} {
		if err := p.Publish(ctx, m); !errors.Is(err, session.ErrUnsendable) {
			t.Errorf("error %v", err)
		}
	}
	if s.Err() != nil {
		t.Error("the session is gone")
	}
	if err := p.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(context.Background(), session.Message{Key: "x"}); !errors.Is(err, session.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestPublisherWaitsWhileBlocked(t *testing.T) {
	address := sessiontest.URL(t)
	topo := sessiontest.Topology(t, nil, "rec.read")
	proxy := sessiontest.NewProxy(t, address)
	c, ctx := open(t, sessiontest.Through(t, address, proxy)), sessiontest.Context(t)
	if err := session.Declare(ctx, c, topo); err != nil {
		t.Fatal(err)
	}
	p := session.NewPublisher(c, 1)
	defer func() { _ = p.Close(ctx) }()
	msg := session.Message{Exchange: topo.Exchange, Key: "rec.read.x", Mandatory: true}
	if err := p.Publish(ctx, msg); err != nil { // the channel is open and quiet from here on
		t.Fatal(err)
	}
	proxy.Block(true)
	sessiontest.Eventually(t, "the state is blocked", func() bool { return c.State() == session.Blocked })
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := p.Publish(short, msg); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("publishing while blocked gave %v", err)
	}
	proxy.Block(false)
	sessiontest.Eventually(t, "the state is up", func() bool { return c.State() == session.Up })
	if err := p.Publish(ctx, msg); err != nil {
		t.Error(err)
	}
	q, err := sessiontest.Channel(t).QueueDeclarePassive(topo.Queues[0].Name, true, false, false, false, nil)
	if err != nil || q.Messages != 2 {
		t.Errorf("%d messages stored (%v), want 2", q.Messages, err)
	}
}
