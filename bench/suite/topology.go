package suite

import (
	"context"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/runtime/session"
)

// A way is how a request reaches the queue, and its reply the client.
type way struct {
	name, doc string
	turn      func(t *load.Target, server, queue string)
}

// replyQueue begins with the prefix that a node admits.
func replyQueue(server string) string { return "beds.reply." + server }

// ways are the topologies that class T0-topology compares.
var ways = []way{
	{"topic", "topic exchange, direct reply-to: what needs no rights but to publish", func(t *load.Target, server, _ string) { t.Exchange, t.ReplyTo = server, "" }},
	{"topic+queue", "topic exchange, replies into a queue of the client", func(t *load.Target, server, _ string) { t.Exchange = server }},
	{"direct", "direct exchange with the same keys, direct reply-to", func(t *load.Target, _, _ string) { t.ReplyTo = "" }},
	{"direct+queue", "direct exchange, replies into a queue of the client: what runtime/client does, and every other class", func(*load.Target, string, string) {}},
	{"default+queue", "default exchange, replies into a queue of the client: the least that AMQP can do", func(t *load.Target, _, queue string) { t.Exchange, t.Key = "", queue }},
}

func (r *Run) t0Topology(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T0-topology", Title: "dispatch by exchange and reply address", Unit: "requests",
		Doc: "Class T0 with the same servers behind other exchanges and reply addresses: what of a round trip is the broker's routing."}
	return r.sweep(ctx, class, func(name, doc string, s *Server, t *load.Target) {
		if name == "raw-naive" {
			return
		}
		queue := s.queue("rel", "read")
		for _, w := range ways {
			other := *t
			w.turn(&other, s.Name, queue)
			class.Contestants = append(class.Contestants, closed(name+" "+w.name, doc+"; "+w.doc, s, &other, flight, 1))
		}
	})
}

// bindDirect puts a direct exchange beside the topic exchange, as a node does.
func (r *Run) bindDirect(server, queue, key string) error {
	conn, err := amqp.Dial(r.AMQP)
	if err != nil {
		return err
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	if err := ch.ExchangeDeclare(session.DirectExchange(server), amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
		return err
	}
	return ch.QueueBind(queue, key, session.DirectExchange(server), false, nil)
}
