package suite

import (
	"context"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/bench/load"
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
	{"topic", "topic exchange, direct reply-to: the contract, and what runtime/client does", func(*load.Target, string, string) {}},
	{"topic+queue", "topic exchange, replies into a queue of the client", func(t *load.Target, server, _ string) { t.ReplyTo = replyQueue(server) }},
	{"direct", "direct exchange with the same keys, direct reply-to", func(t *load.Target, server, _ string) { t.Exchange = server + ".direct" }},
	{"direct+queue", "direct exchange, replies into a queue of the client", func(t *load.Target, server, _ string) {
		t.Exchange, t.ReplyTo = server+".direct", replyQueue(server)
	}},
	{"default+queue", "default exchange, replies into a queue of the client: the least that AMQP can do", func(t *load.Target, server, queue string) {
		t.Exchange, t.Key, t.ReplyTo = "", queue, replyQueue(server)
	}},
}

func (r *Run) t0Topology(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T0-topology", Title: "dispatch by exchange and reply address", Unit: "requests",
		Doc: "Class T0 with the same servers behind other exchanges and reply addresses: what of a round trip is the broker's routing."}
	return r.sweep(ctx, class, func(name, doc string, s *Server, t *load.Target) {
		if name == "raw-naive" {
			return
		}
		queue := s.Name + "_rel.read"
		if name == "raw-own" {
			queue = s.Name + ".read"
		}
		if err := r.bindDirect(s.Name, queue, t.Key); err != nil {
			fmt.Fprintln(r.Out, err) // the rows that need it will say so too
		}
		for _, w := range ways {
			other := *t
			w.turn(&other, s.Name, queue)
			class.Contestants = append(class.Contestants, closed(name+" "+w.name, doc+"; "+w.doc, s, &other, flight, 1))
		}
	})
}

// bindDirect puts a direct exchange beside the topic exchange.
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
	if err := ch.ExchangeDeclare(server+".direct", amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
		return err
	}
	return ch.QueueBind(queue, key, server+".direct", false, nil)
}
