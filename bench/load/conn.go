// Package load is the benchmark's client: it keeps requests in flight, or sends them at a fixed rate, and records
// when each was answered. One goroutine does nearly all of it, so that the client costs as little of the machine as
// it can; every contestant is driven by the same one.
package load

import (
	"fmt"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// replyAddress is RabbitMQ's direct reply-to.
const replyAddress = "amq.rabbitmq.reply-to"

// A Target says where requests go and what they are.
type Target struct {
	URL           string // of the broker
	Exchange, Key string
	Type          string // AMQP type, the operation
	Persistent    bool
	// ReplyTo is a queue that is declared for the replies and goes with the connection; "" is direct reply-to.
	ReplyTo string
	// Plain takes a connection without coalescing, as most programs have.
	Plain bool
	// Body makes the nth request.
	Body func(n uint64) []byte
	// Check says whether a reply is what it should be.
	Check func(reply []byte) bool
}

// wire is a channel that sends requests and receives replies.
type wire struct {
	t       *Target
	conn    *amqp.Connection
	ch      *amqp.Channel
	replies <-chan amqp.Delivery
	returns chan amqp.Return
	mode    uint8
	replyTo string
}

func open(t *Target) (*wire, error) {
	dial := session.Dialer(session.Config{})
	if t.Plain {
		dial = amqp.DefaultDial(10 * time.Second)
	}
	conn, err := amqp.DialConfig(t.URL, amqp.Config{Dial: func(network, addr string) (net.Conn, error) { return dial(network, addr) }, FrameSize: 128 << 10})
	if err != nil {
		return nil, err
	}
	w := &wire{t: t, conn: conn, mode: amqp.Transient}
	if t.Persistent {
		w.mode = amqp.Persistent
	}
	if w.ch, err = conn.Channel(); err == nil {
		w.returns = w.ch.NotifyReturn(make(chan amqp.Return, 1024))
		err = w.listen()
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return w, nil
}

// listen consumes the reply address.
func (w *wire) listen() (err error) {
	w.replyTo = replyAddress
	if w.t.ReplyTo != "" {
		w.replyTo = w.t.ReplyTo
		if _, err := w.ch.QueueDeclare(w.replyTo, false, true, true, false, nil); err != nil {
			return err
		}
	}
	w.replies, err = w.ch.Consume(w.replyTo, "", true, false, false, false, nil)
	return err
}

// send publishes the nth request as the product's own client would.
func (w *wire) send(n uint64, correlation string) error {
	return w.ch.Publish(w.t.Exchange, w.t.Key, true, false, amqp.Publishing{
		ContentType: "application/json", DeliveryMode: w.mode, Type: w.t.Type, ReplyTo: w.replyTo,
		CorrelationId: correlation, Expiration: "10000", Body: w.t.Body(n),
	})
}

func (w *wire) close() { _ = w.conn.Close() }

// unroutable is the error for a request that no queue took.
func unroutable(r amqp.Return) error {
	return fmt.Errorf("no queue takes %s at exchange %s: is the contestant running?", r.RoutingKey, r.Exchange)
}
