package client_test

import (
	"errors"
	"strings"
	"testing"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// directExchange declares the direct exchange of n's topology.
func (n *node) directExchange(internal bool) (ch *amqp.Channel, name string) {
	n.Helper()
	ch, name = sessiontest.Channel(n), session.DirectExchange(n.topo.Exchange)
	if err := ch.ExchangeDeclare(name, amqp.ExchangeDirect, true, false, internal, false, nil); err != nil {
		n.Fatal(err)
	}
	return ch, name
}

// arrived calls once and returns the request as the node got it.
func (n *node) arrived(edit ...func(*client.Config)) amqp.Delivery {
	n.Helper()
	c := n.dial(sessiontest.URL(n), edit...)
	for range 2 { // the second request knows what became of the first
		if body, err := c.Roundtrip(n.ctx, key, client.Publishing{Type: "fetch", MessageID: "m1", Body: []byte("x")}); err != nil || string(body) != "x" {
			n.Fatalf("%q, %v", body, err)
		}
	}
	first, second := <-n.got, <-n.got
	if first.Exchange != second.Exchange || first.MessageId != second.MessageId {
		n.Errorf("went by %q, then by %q", first.Exchange, second.Exchange)
	}
	return second
}

func TestRequestsGoThroughTheDirectExchange(t *testing.T) {
	n := newNode(t, echo)
	ch, direct := n.directExchange(false)
	if err := ch.QueueBind(n.topo.Queues[0].Name, key, direct, false, nil); err != nil {
		t.Fatal(err)
	}
	if m := n.arrived(); m.Exchange != direct || !strings.HasPrefix(m.ReplyTo, client.DefaultReplyPrefix) {
		t.Errorf("came by %q and wants its reply at %q", m.Exchange, m.ReplyTo)
	}
}

// What is not bound on the direct exchange takes the other way, at once and without a word.
func TestUnboundKeysTakeTheTopicExchange(t *testing.T) {
	n := newNode(t, echo)
	n.directExchange(false)
	if m := n.arrived(); m.Exchange != n.topo.Exchange {
		t.Errorf("came by %q", m.Exchange)
	}
}

// A node that knows no direct exchange, an account that may not publish there or declare
// queues: the contract's own way always works.
func TestWithoutDirectExchangeAndRights(t *testing.T) {
	t.Run("no exchange", func(t *testing.T) {
		n := newNode(t, echo)
		if m := n.arrived(); m.Exchange != n.topo.Exchange {
			t.Errorf("came by %q", m.Exchange)
		}
	})
	t.Run("no right to publish", func(t *testing.T) {
		n := newNode(t, echo)
		n.directExchange(true) // internal: the broker refuses whoever publishes
		if m := n.arrived(); m.Exchange != n.topo.Exchange {
			t.Errorf("came by %q", m.Exchange)
		}
	})
	t.Run("no right to declare", func(t *testing.T) {
		n := newNode(t, echo)
		m := n.arrived(func(c *client.Config) { c.ReplyPrefix = "amq.nobody's." }) // the broker keeps amq. for itself
		if !strings.HasPrefix(m.ReplyTo, "amq.rabbitmq.reply-to.") {
			t.Errorf("wants its reply at %q", m.ReplyTo)
		}
	})
}

// The node declares the bindings, and takes back those of a template that got its own queues.
func TestDeclareDirect(t *testing.T) {
	n := newNode(t, echo)
	conn, err := session.Open(n.ctx, session.Config{URLs: []string{sessiontest.URL(t)}, Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(n.ctx) })
	s, err := conn.Session(n.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if there, err := s.HasDirect(n.topo.Exchange); err != nil || there {
		t.Fatalf("there before it was declared: %t, %v", there, err)
	}
	topo := n.topo
	topo.Queues = append([]session.Queue(nil), topo.Queues...)
	for _, step := range []struct {
		direct, former []string
		exchange       string
	}{
		{[]string{key}, nil, session.DirectExchange(topo.Exchange)},
		{nil, []string{key}, topo.Exchange},
	} {
		topo.Queues[0].Direct, topo.Queues[0].FormerDirect = step.direct, step.former
		if err := s.DeclareDirect(topo); err != nil {
			t.Fatal(err)
		}
		if there, err := s.HasDirect(topo.Exchange); err != nil || !there {
			t.Fatalf("not there after it was declared: %t, %v", there, err)
		}
		if m := n.arrived(); m.Exchange != step.exchange {
			t.Errorf("came by %q, want %q", m.Exchange, step.exchange)
		}
	}
}

// A reply queue that somebody deletes is replaced; the calls that wait for it fail at once.
func TestADeletedReplyQueueIsReplaced(t *testing.T) {
	n := newNode(t, func(m amqp.Delivery) []byte {
		if string(m.Body) == "silent" {
			return nil
		}
		return []byte(m.ReplyTo)
	})
	c := n.dial(sessiontest.URL(t))
	first, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("where")})
	if err != nil {
		t.Fatal(err)
	}
	<-n.got
	failed := make(chan error, 1)
	go func() {
		_, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("silent")})
		failed <- err
	}()
	<-n.got
	if err := c.DeleteQueue(n.ctx, string(first)); err != nil {
		t.Fatal(err)
	}
	if err := <-failed; !errors.Is(err, client.ErrSessionLost) {
		t.Errorf("the waiting call: %v", err)
	}
	second, err := c.Roundtrip(n.ctx, key, client.Publishing{Body: []byte("where")})
	if err != nil || string(second) == string(first) || !strings.HasPrefix(string(second), "beds.reply.") {
		t.Errorf("afterwards replies come to %q, %v; before to %q", second, err, first)
	}
}
