// Package client sends requests to BEDS nodes and matches the replies.
//
// transport.go, calls.go, pending.go and route.go are the transport: bytes in, bytes out. A
// reply address belongs to one session, so requests and replies of a [Client] share a
// channel, on a connection that does nothing else. When its session is lost the address is
// lost too; all pending calls then fail at once with [ErrSessionLost], since no reply can
// reach them any more (MassTransit#1104, nameko#359).
package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// What a call can fail with. Errors of this package wrap one of these, for errors.Is.
var (
	// ErrSessionLost: the connection broke while the call was pending. The outcome is unknown;
	// ask again with the same key.
	ErrSessionLost = errors.New("client: the session was lost while the request was pending")
	// ErrTimeout: the deadline passed. The outcome is unknown if the request was sent.
	ErrTimeout = errors.New("client: no reply within the deadline")
	// ErrNoRoute: no queue takes the routing key. The request was not stored anywhere.
	ErrNoRoute = errors.New("client: no queue takes the routing key")
	// ErrBusy: MaxPending calls are waiting already. Nothing was sent.
	ErrBusy = errors.New("client: too many requests are pending")
	// ErrClosed: the client was closed.
	ErrClosed = errors.New("client: closed")
	// ErrInvalid: the request breaks a limit of AMQP. Nothing was sent.
	ErrInvalid = errors.New("client: the request cannot be sent")
)

// Defaults of [Config]. Zero in a Config means the value here.
const (
	DefaultExchange    = "beds.events"
	DefaultReplyPrefix = "beds.reply."
	DefaultTimeout     = 10 * time.Second
	DefaultMaxPending  = 4096
)

// Config says where the broker is. Only URLs is required.
type Config struct {
	URLs     []string    // tried in turn, for ever
	TLS      *tls.Config // for amqps URLs
	User     string      // the name that the broker takes from our certificate (auth_mechanism=external)
	Exchange string      // topic exchange of the installation
	// ReplyPrefix is how the name of a reply queue must begin for nodes to answer there: their
	// reply_prefix. The account needs the right to configure and read such queues; without it
	// replies come by direct reply-to.
	ReplyPrefix string
	Name        string // shown by the broker's management page
	// Timeout applies to calls whose context has no deadline.
	Timeout time.Duration
	// MaxPending bounds the calls waiting for a reply; more fail with ErrBusy.
	MaxPending int
	Logger     *slog.Logger // nil means slog.Default()
}

func (c Config) session() session.Config {
	return session.Config{URLs: c.URLs, TLS: c.TLS, User: c.User, Name: c.Name, Logger: c.Logger}
}

func (c Config) withDefaults() Config {
	if c.Exchange == "" {
		c.Exchange = DefaultExchange
	}
	if c.ReplyPrefix == "" {
		c.ReplyPrefix = DefaultReplyPrefix
	}
	if c.Name == "" {
		c.Name = "beds client"
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxPending <= 0 {
		c.MaxPending = DefaultMaxPending
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// Publishing is one message to send.
type Publishing struct {
	Type      string // operation
	MessageID string // event id
	Body      []byte // JSON
	// UserID, when set, must be the account of the connection: the broker closes the channel
	// of whoever claims to be somebody else.
	UserID string
	// Persistent makes the broker store the message on disk, in a durable queue.
	Persistent bool
}

// Client calls nodes. It is safe for concurrent use and meant to be shared.
type Client struct {
	cfg       Config
	conn      *session.Conn
	confirmed *session.Publisher
	pending   *pendingCalls
	out       chan outgoing

	ctx   context.Context // ends with Close
	stop  context.CancelFunc
	ended chan struct{}
	up    chan struct{} // closed when the first session can make calls

	calls, replies, strays atomic.Uint64
}

// Dial connects and returns once calls can be made. The first attempt decides: a broker that
// is away or refuses the password (session.AuthError) is reported at once. After that the
// connection is kept up for ever.
func Dial(ctx context.Context, cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	sc := cfg.session()
	if err := session.Probe(ctx, sc); err != nil {
		return nil, err
	}
	c := &Client{
		cfg: cfg, pending: newPendingCalls(cfg.MaxPending), out: make(chan outgoing, 64),
		ended: make(chan struct{}), up: make(chan struct{}),
	}
	c.ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if c.conn, err = session.Open(c.ctx, sc); err != nil {
		c.stop()
		return nil, err
	}
	c.confirmed = session.NewPublisher(c.conn, 0)
	go c.run()
	select {
	case <-c.up:
		return c, nil
	case <-ctx.Done():
		_ = c.Close()
		return nil, fmt.Errorf("connecting to RabbitMQ: %w", ctx.Err())
	}
}

// Roundtrip sends a request and returns the body of its reply. The time that ctx allows (or
// Config.Timeout) starts now, travels to the node as the message's expiration, and ends the
// wait (MassTransit#3502: a timer started after the network was touched never fired).
func (c *Client) Roundtrip(ctx context.Context, routingKey string, p Publishing) ([]byte, error) {
	if err := p.check(routingKey); err != nil {
		return nil, err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
	}
	call, err := c.pending.add()
	if err != nil {
		return nil, err
	}
	defer c.pending.remove(call)
	c.calls.Add(1)
	select {
	case c.out <- outgoing{ctx, call.id, routingKey, p}:
	case <-ctx.Done():
		return nil, ctxError(ctx)
	case <-c.ctx.Done():
		return nil, ErrClosed
	}
	select {
	case r := <-call.done:
		return r.body, r.err
	case <-ctx.Done():
		return nil, ctxError(ctx)
	case <-c.ctx.Done():
		return nil, ErrClosed
	}
}

// Publish sends a message that nobody answers and returns when the broker has stored it.
func (c *Client) Publish(ctx context.Context, routingKey string, p Publishing) error {
	if err := p.check(routingKey); err != nil {
		return err
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
	}
	if err := c.checkUser(ctx, p.UserID); err != nil {
		return err
	}
	err := c.confirmed.Publish(ctx, session.Message{
		Exchange: c.cfg.Exchange, Key: routingKey, Mandatory: true, Publishing: p.amqp(),
	})
	switch {
	case err == nil:
		return nil
	case errors.Is(err, session.ErrUnroutable):
		return noRoute(routingKey)
	case errors.Is(err, session.ErrClosed):
		return ErrClosed
	case ctx.Err() != nil:
		return ctxError(ctx)
	}
	return fmt.Errorf("%w: %w", ErrSessionLost, err)
}

// checkUser refuses a user id that would make the broker close the channel under everybody.
func (c *Client) checkUser(ctx context.Context, user string) error {
	if user == "" {
		return nil
	}
	s, err := c.conn.Session(ctx)
	switch {
	case errors.Is(err, session.ErrClosed):
		return ErrClosed
	case err != nil:
		return ctxError(ctx)
	}
	return userError(s, user)
}

func userError(s *session.Session, user string) error {
	if user == "" || user == s.User() {
		return nil
	}
	return fmt.Errorf("%w: user id %q is not the connection's user %q", ErrInvalid, user, s.User())
}

// Close fails all pending calls with ErrClosed and closes the connection, within seconds.
func (c *Client) Close() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), 5*time.Second)
	defer cancel()
	_ = c.confirmed.Close(ctx) // what it could not confirm has been told to its callers
	c.stop()
	err := c.conn.Close(ctx)
	<-c.ended
	return err
}

// Stats returns the counters: calls begun, replies matched, and replies that nobody waited
// for any more.
func (c *Client) Stats() (calls, replies, strays uint64) {
	return c.calls.Load(), c.replies.Load(), c.strays.Load()
}

// check finds what AMQP cannot carry before it harms the calls of others.
func (p *Publishing) check(routingKey string) error {
	for _, s := range [...]string{routingKey, p.Type, p.MessageID, p.UserID} {
		if len(s) > 255 {
			return fmt.Errorf("%w: a property of %d bytes exceeds 255", ErrInvalid, len(s))
		}
	}
	return nil
}

func (p *Publishing) amqp() amqp.Publishing {
	mode := amqp.Transient
	if p.Persistent {
		mode = amqp.Persistent
	}
	return amqp.Publishing{
		ContentType: "application/json", DeliveryMode: mode, Type: p.Type, MessageId: p.MessageID,
		UserId: p.UserID, Body: p.Body,
	}
}

// ctxError tells a deadline from a caller who lost interest.
func ctxError(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrTimeout, ctx.Err())
	}
	return ctx.Err()
}

func noRoute(key string) error { return fmt.Errorf("%w %q", ErrNoRoute, key) }
