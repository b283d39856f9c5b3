// Package peer holds the services that the benchmark puts beside a BEDS node: raw echoes through amqp091-go, the
// same through the frameworks that Go programs use for RabbitMQ, and a hand-written service for orders. Each takes
// requests from a durable queue and answers to reply_to, as a BEDS node does.
package peer

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// Options say where a peer works.
type Options struct {
	URL  string // of RabbitMQ
	Name string // of its exchange and, with a suffix, of its queues
	DSN  string // of MariaDB, for the service with a database
	// ReplyBytes is the length of an echo's answer.
	ReplyBytes int
}

// A Handler answers one request; kind is "read" or "write".
type Handler func(ctx context.Context, kind string, body []byte) []byte

// A Transport carries requests to a handler until ctx ends.
type Transport func(ctx context.Context, o Options, h Handler) error

// A Peer is a service by name.
type Peer struct {
	Name, Doc string
	Transport Transport
	Database  bool // served by the hand-written service rather than by the echo
}

// All are the peers, in the order of the documentation.
var All = []Peer{
	{"raw-own", "amqp091-go over our coalescing connection, one goroutine, one ack for up to 32: as fast as an echo gets", ownLoop, false},
	{"pool-echo", "the echo behind the broker pool of a BEDS node, without envelope and factory", ownPool, false},
	{"raw-naive", "amqp091-go as tutorials show it, with prefetch 250: a goroutine, a publish and an ack for each request", naive, false},
	{"watermill", "watermill-amqp with its durable-queue defaults", watermillDefault, false},
	{"watermill-best", "watermill-amqp tuned: 32 subscriptions, prefetch 64, pool of 8 channels, transient replies", watermillBest, false},
	{"gorabbit", "wagslane/go-rabbitmq with its defaults", gorabbitDefault, false},
	{"gorabbit-best", "wagslane/go-rabbitmq tuned: 32 handlers, prefetch 250", gorabbitBest, false},
	{"crud", "a hand-written service for orders: amqp091-go, encoding/json, database/sql, prepared statements", naive, true},
	{"crud-own", "the same over our coalescing connection", ownWorkers, true},
}

// Find returns the peer of a name.
func Find(name string) (Peer, error) {
	var names []string
	for _, p := range All {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Peer{}, fmt.Errorf("there is no peer %q; there are %s", name, strings.Join(names, ", "))
}

// Echo answers every request with the same bytes.
func Echo(size int) Handler {
	const head, tail = `{"v":1,"status":"ok","data":["`, `"]}`
	reply := []byte(head + strings.Repeat("x", max(0, size-len(head)-len(tail))) + tail)
	return func(context.Context, string, []byte) []byte { return reply }
}

// prefetch is what raw peers and tuned frameworks hold in hand.
const prefetch = 250

// kinds are the queues of a peer.
var kinds = []string{"read", "write"}

// Queue is the name of a peer's queue of a kind.
func Queue(name, kind string) string { return name + "." + kind }

// dial connects, over our coalescing connection or over a plain one.
func dial(o Options, coalescing bool) (*amqp.Connection, error) {
	dial := amqp.DefaultDial(10 * time.Second)
	if coalescing {
		dial = session.Dialer(session.Config{})
	}
	return amqp.DialConfig(o.URL, amqp.Config{FrameSize: 128 << 10,
		Dial: func(network, addr string) (net.Conn, error) { return dial(network, addr) }})
}

// declare makes exchange and queues as a node's are: topic, durable, classic, bound to {family}.{kind}.#.
func declare(conn *amqp.Connection, o Options) error {
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	defer ch.Close()
	if err := ch.ExchangeDeclare(o.Name, amqp.ExchangeTopic, true, false, false, false, nil); err != nil {
		return err
	}
	for _, kind := range kinds {
		if _, err := ch.QueueDeclare(Queue(o.Name, kind), true, false, false, false, nil); err != nil {
			return err
		}
		if err := ch.QueueBind(Queue(o.Name, kind), "rel."+kind+".#", o.Name, false, nil); err != nil {
			return err
		}
	}
	return nil
}
