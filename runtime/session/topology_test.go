package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestDeclareTwice(t *testing.T) {
	topo := sessiontest.Topology(t, []time.Duration{time.Second, time.Minute}, "rec.read", "rel.write")
	topo.Queues[1].Type = session.Quorum
	c := open(t, sessiontest.URL(t))
	for range 2 {
		if err := session.Declare(sessiontest.Context(t), c, topo); err != nil {
			t.Fatal(err)
		}
	}
	ch := sessiontest.Channel(t)
	q := topo.Queues[0].Name
	for _, name := range []string{q, q + ".retry", q + ".retry.1", q + ".dlq"} {
		if _, err := ch.QueueDeclarePassive(name, true, false, false, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, route := range [][2]string{{topo.Exchange, "rec.read.example"}, {topo.Exchange, "rel.write.order"}, {topo.DLX, q}} {
		p := session.NewPublisher(c, 1)
		err := p.Publish(sessiontest.Context(t), session.Message{Exchange: route[0], Key: route[1], Mandatory: true})
		if err != nil {
			t.Errorf("%v: %v", route, err)
		}
		_ = p.Close(sessiontest.Context(t))
	}
}

func TestRetryQueueReturnsByItself(t *testing.T) {
	for _, kind := range []string{session.Classic, session.Quorum} {
		t.Run(kind, func(t *testing.T) {
			topo := sessiontest.Topology(t, []time.Duration{50 * time.Millisecond}, "rec.read")
			topo.Queues[0].Type = kind
			c := open(t, sessiontest.URL(t))
			ctx := sessiontest.Context(t)
			if err := session.Declare(ctx, c, topo); err != nil {
				t.Fatal(err)
			}
			p := session.NewPublisher(c, 1)
			defer func() { _ = p.Close(ctx) }()
			q := topo.Queues[0].Name
			msg := session.Message{Key: session.RetryQueue(q, 0), Mandatory: true,
				Publishing: amqp.Publishing{Expiration: "50", DeliveryMode: amqp.Persistent, Body: []byte("x")}}
			if err := p.Publish(ctx, msg); err != nil {
				t.Fatal(err)
			}
			ch := sessiontest.Channel(t)
			sessiontest.Eventually(t, "the message is back", func() bool {
				m, ok, err := ch.Get(q, true)
				return err == nil && ok && string(m.Body) == "x"
			})
		})
	}
}

func TestPreconditionNamesEveryQueueAndTheCure(t *testing.T) {
	topo := sessiontest.Topology(t, nil, "rec.read", "rec.write")
	ch := sessiontest.Channel(t)
	for _, q := range topo.Queues {
		if _, err := ch.QueueDeclare(q.Name, true, false, false, false, amqp.Table{"x-max-length": int32(5)}); err != nil {
			t.Fatal(err)
		}
	}
	err := session.Declare(sessiontest.Context(t), open(t, sessiontest.URL(t)), topo)
	var refused *session.TopologyError
	if !errors.As(err, &refused) || refused.Kind != "queue" || refused.Name != topo.Queues[0].Name {
		t.Fatalf("error %v", err)
	}
	for _, want := range []string{topo.Queues[0].Name, topo.Queues[1].Name, "delete_queue"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
}

func TestTopologyValidate(t *testing.T) {
	err := session.Topology{
		Queues:      []session.Queue{{Name: strings.Repeat("q", 201)}, {Name: "ok", Type: "stream"}},
		RetryDelays: []time.Duration{0},
	}.Validate()
	for _, want := range []string{"no exchange", "dead-letter", "200 bytes", "stream", "retry delay"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not mention %q", err, want)
		}
	}
}
