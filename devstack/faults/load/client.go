// Package load is the clients of the fault suite: it speaks AMQP and JSON as the
// documentation of the envelope says and uses no code of the product.
package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Errors of one attempt. After each of them the effect is unknown, and a good
// client asks again with the same key.
var (
	ErrLost     = errors.New("connection lost")
	ErrReturned = errors.New("returned by the broker: no queue")
	ErrNacked   = errors.New("refused by the broker")
	ErrTimeout  = errors.New("no reply in time")
)

// A Reply is the part of the envelope that the suite needs.
type Reply struct {
	EventID string            `json:"event_id"`
	Status  string            `json:"status"`
	Data    []json.RawMessage `json:"data"`
	Count   int64             `json:"count"`
	Node    string            `json:"node"`
	Error   struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Retryable bool   `json:"retryable"`
	} `json:"error"`
}

// Client is one AMQP connection, made again for ever, with its direct reply-to.
type Client struct {
	url      string
	exchange string
	canary   string // must be in no reply
	late     func(correlation string, r *Reply)

	mu      sync.Mutex // guards publishing and pending
	channel *amqp.Channel
	pending map[string]chan answer
	extra   atomic.Int64
	leaks   atomic.Int64
	done    chan struct{}
	ended   chan struct{}
}

type answer struct {
	reply *Reply
	err   error
}

// Dial starts a client. late hears of replies that nobody waits for any more; canary must
// be in no reply.
func Dial(url, exchange, canary string, late func(string, *Reply)) *Client {
	c := &Client{url: url, exchange: exchange, canary: canary, late: late, pending: map[string]chan answer{},
		done: make(chan struct{}), ended: make(chan struct{})}
	go c.run()
	return c
}

// Close ends the client; what is pending fails.
func (c *Client) Close() {
	close(c.done)
	<-c.ended
}

// Connected waits for the first session.
func (c *Client) Connected(limit time.Duration) bool {
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		c.mu.Lock()
		ok := c.channel != nil
		c.mu.Unlock()
		if ok {
			return true
		}
	}
	return false
}

// Extra is how many replies came that nobody waited for.
func (c *Client) Extra() int64 { return c.extra.Load() }

// Leaks is how many replies held the canary.
func (c *Client) Leaks() int64 { return c.leaks.Load() }

func (c *Client) run() {
	defer close(c.ended)
	for {
		c.session()
		select {
		case <-c.done:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// session is one connection from its dial to its end.
func (c *Client) session() {
	conn, err := amqp.DialConfig(c.url, amqp.Config{Heartbeat: 5 * time.Second, Dial: dial,
		Properties: amqp.Table{"connection_name": "faults load"}})
	if err != nil {
		return
	}
	defer conn.CloseDeadline(time.Now().Add(2 * time.Second)) //nolint:errcheck // it may be dead
	ch, replies, returns, err := open(conn)
	if err != nil {
		return
	}
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	c.mu.Lock()
	c.channel = ch
	c.mu.Unlock()
	defer c.lose()
	for {
		select {
		case m, ok := <-replies:
			if !ok {
				return
			}
			c.take(&m)
		case r, ok := <-returns:
			if ok {
				c.resolve(r.CorrelationId, answer{err: ErrReturned})
			}
		case <-closed:
			return
		case <-c.done:
			return
		}
	}
}

// deadlined gives every write a deadline, so that a broker in an alarm or a half-open
// link cannot hold the client for ever.
type deadlined struct{ net.Conn }

func (d deadlined) Write(b []byte) (int, error) {
	_ = d.SetWriteDeadline(time.Now().Add(5 * time.Second))
	return d.Conn.Write(b)
}

func dial(network, addr string) (net.Conn, error) {
	conn, err := net.DialTimeout(network, addr, 3*time.Second)
	if err != nil {
		return nil, err
	}
	// The library's own dialler bounds the handshake too, and lifts the bound after it.
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return nil, err
	}
	return deadlined{conn}, nil
}

func open(conn *amqp.Connection) (*amqp.Channel, <-chan amqp.Delivery, chan amqp.Return, error) {
	ch, err := conn.Channel()
	if err != nil {
		return nil, nil, nil, err
	}
	if err := ch.Confirm(false); err != nil {
		return nil, nil, nil, err
	}
	replies, err := ch.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	return ch, replies, ch.NotifyReturn(make(chan amqp.Return, 1024)), err
}

// lose fails everything that waits: the reply address has gone with the session.
func (c *Client) lose() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channel = nil
	for id, wait := range c.pending {
		wait <- answer{err: ErrLost}
		delete(c.pending, id)
	}
}

func (c *Client) take(m *amqp.Delivery) {
	if bytes.Contains(m.Body, []byte(c.canary)) {
		c.leaks.Add(1)
	}
	r := new(Reply)
	if err := json.Unmarshal(m.Body, r); err != nil {
		r.Status, r.Error.Code = "error", "unreadable reply"
	}
	if !c.resolve(m.CorrelationId, answer{reply: r}) {
		c.extra.Add(1)
		c.late(m.CorrelationId, r)
	}
}

func (c *Client) resolve(correlation string, a answer) bool {
	c.mu.Lock()
	wait, ok := c.pending[correlation]
	delete(c.pending, correlation)
	c.mu.Unlock()
	if ok {
		wait <- a
	}
	return ok
}

// A Message is what Call publishes.
type Message struct {
	RoutingKey  string
	Correlation string // of this attempt
	MessageID   string
	Type        string
	Body        []byte
	NoReply     bool                   // fire and forget: Call returns with the broker's confirmation
	Change      func(*amqp.Publishing) // of the properties, at last; may be nil
}

// Call publishes and waits for the reply, up to timeout.
func (c *Client) Call(ctx context.Context, m Message, timeout time.Duration) (*Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	wait := make(chan answer, 1)
	p := m.publishing()
	confirm, err := c.publish(m.RoutingKey, p, wait)
	if err != nil {
		return nil, err
	}
	defer c.resolve(p.CorrelationId, answer{})
	confirmed := confirm.Done()
	for {
		select {
		case a := <-wait:
			return a.reply, a.err
		case <-confirmed:
			if !confirm.Acked() {
				return nil, ErrNacked
			}
			if m.NoReply {
				return nil, nil
			}
			confirmed = nil
		case <-ctx.Done():
			return nil, ErrTimeout
		}
	}
}

func (m *Message) publishing() amqp.Publishing {
	p := amqp.Publishing{ContentType: "application/json", CorrelationId: m.Correlation, MessageId: m.MessageID,
		Type: m.Type, ReplyTo: "amq.rabbitmq.reply-to", DeliveryMode: amqp.Persistent, Body: m.Body}
	if m.NoReply {
		p.ReplyTo = ""
	}
	if m.Change != nil {
		m.Change(&p)
	}
	return p
}

func (c *Client) publish(routingKey string, p amqp.Publishing, wait chan answer) (*amqp.DeferredConfirmation, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.channel == nil {
		return nil, ErrLost
	}
	c.pending[p.CorrelationId] = wait
	confirm, err := c.channel.PublishWithDeferredConfirmWithContext(context.Background(), c.exchange, routingKey, true, false, p)
	if err != nil {
		delete(c.pending, p.CorrelationId)
		return nil, ErrLost
	}
	return confirm, nil
}
