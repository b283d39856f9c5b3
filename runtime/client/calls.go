package client

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// replyAddress is RabbitMQ's pseudo queue: the broker replaces it in reply_to by an address
// of this channel, and keeps no queue for the replies. It needs no rights.
const replyAddress = "amq.rabbitmq.reply-to"

// outgoing is a request on its way to the goroutine that owns the channel.
type outgoing struct {
	ctx  context.Context
	id   uint64
	key  string
	body Publishing
}

// run makes calls on session after session.
func (c *Client) run() {
	defer close(c.ended)
	defer c.pending.failAll(ErrClosed)
	pause := session.Backoff{Min: 20 * time.Millisecond, Max: 2 * time.Second}
	for {
		s, err := c.conn.Session(c.ctx)
		if err != nil {
			return
		}
		began := time.Now()
		err = c.serve(s)
		if c.ctx.Err() != nil {
			return
		}
		c.pending.failSent(fmt.Errorf("%w: %w", ErrSessionLost, err))
		if time.Since(began) > pause.Max {
			pause.Reset()
		}
		if pause.Wait(c.ctx) != nil {
			return
		}
	}
}

// serve owns one channel. It publishes requests until the channel is lost and says why;
// another goroutine hands out the replies and returns that come in on it.
func (c *Client) serve(s *session.Session) error {
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	r := findRoute(s, c.cfg.Exchange, c.cfg.ReplyPrefix, c.cfg.Logger)
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	returns := ch.NotifyReturn(make(chan amqp.Return, 64))
	replies, err := ch.Consume(r.replyTo, "", true, false, false, false, nil)
	incoming, deaf := make(chan struct{}), make(chan struct{})
	go func() { c.receive(r, replies, returns, deaf); close(incoming) }()
	defer func() {
		_ = ch.Close() // ends replies and returns, unless the broker did
		<-incoming
	}()
	if err != nil {
		return err
	}
	c.firstUp()
	for {
		select {
		case out := <-c.out:
			if err := c.send(s, ch, r, out); err != nil {
				return err
			}
		case reason, ok := <-closed:
			if !ok || reason == nil {
				return session.ErrClosed
			}
			return reason
		case <-deaf:
			return errDeaf
		case <-c.ctx.Done():
			return c.ctx.Err()
		}
	}
}

func (c *Client) firstUp() {
	select {
	case <-c.up:
	default:
		close(c.up)
	}
}

// send publishes one request, or fails its call when that is pointless. The error is about
// the channel.
func (c *Client) send(s *session.Session, ch *amqp.Channel, r *route, out outgoing) error {
	if err := userError(s, out.body.UserID); err != nil {
		c.pending.resolve(out.id, nil, err)
		return nil
	}
	if err := s.Writable(out.ctx); err != nil {
		if out.ctx.Err() != nil {
			return nil // its caller has stopped waiting
		}
		c.pending.resolve(out.id, nil, fmt.Errorf("%w: %w", ErrSessionLost, err))
		return err
	}
	deadline, _ := out.ctx.Deadline()
	left := time.Until(deadline)
	if left <= 0 || out.ctx.Err() != nil {
		return nil // likewise
	}
	msg := out.body.amqp()
	msg.ReplyTo = r.replyTo
	msg.CorrelationId = strconv.FormatUint(out.id, 36)
	msg.Expiration = strconv.FormatInt(max(1, left.Milliseconds()), 10)
	if !c.pending.sent(out) {
		return nil
	}
	return ch.Publish(r.exchange(out.key), out.key, true, false, msg)
}

// errDeaf ends a channel on which no reply can come any more, though it is open: the broker
// cancels the consumer of a queue that somebody deletes.
var errDeaf = errors.New("the reply queue is gone")

// receive hands out replies and returns until the channel closes both. It closes deaf when
// there will be no more replies.
func (c *Client) receive(r *route, replies <-chan amqp.Delivery, returns <-chan amqp.Return, deaf chan<- struct{}) {
	for replies != nil || returns != nil {
		select {
		case m, ok := <-replies:
			if !ok {
				replies = nil
				close(deaf)
				continue
			}
			c.settle(m.CorrelationId, m.Body, nil)
		case m, ok := <-returns:
			if !ok {
				returns = nil
				continue
			}
			c.comeBack(r, &m)
		}
	}
}

// comeBack sends a request that no queue took the other way, or says so to its caller.
func (c *Client) comeBack(r *route, m *amqp.Return) {
	if !r.returned(m) {
		c.settle(m.CorrelationId, nil, noRoute(m.RoutingKey))
		return
	}
	id, err := strconv.ParseUint(m.CorrelationId, 36, 64)
	if out, ok := c.pending.takeBack(id); ok && err == nil {
		go c.again(out)
	}
}

func (c *Client) settle(correlation string, body []byte, err error) {
	id, parseErr := strconv.ParseUint(correlation, 36, 64)
	if parseErr != nil || !c.pending.resolve(id, body, err) {
		c.strays.Add(1)
		return
	}
	if err == nil {
		c.replies.Add(1)
	}
}
