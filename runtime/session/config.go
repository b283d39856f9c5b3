package session

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Defaults of [Config]. Zero in a Config means the value here.
const (
	// DefaultHeartbeat lies in the 10 to 20 s that RabbitMQ's guides advise: shorter ones
	// report busy hosts as dead.
	DefaultHeartbeat = 10 * time.Second
	// DefaultDialTimeout bounds one attempt: TCP, TLS and the AMQP handshake together.
	DefaultDialTimeout = 10 * time.Second
	// DefaultWriteTimeout bounds one flush. A broker in an alarm stops reading, and a write
	// without a deadline then hangs for ever (amqp091-go#111, #178).
	DefaultWriteTimeout = 20 * time.Second
	// DefaultBackoffMin and DefaultBackoffMax are the first and the largest upper bound of
	// the full-jitter pause between attempts.
	DefaultBackoffMin = 100 * time.Millisecond
	DefaultBackoffMax = 2 * time.Second
	// DefaultWriteBuffer is how many bytes may wait for the network, per connection.
	DefaultWriteBuffer = 1 << 20
)

// Config says where RabbitMQ is and how patiently to talk to it. Only URLs is required.
type Config struct {
	// URLs are tried in turn, for ever: amqp://user:password@host:port/vhost or amqps://….
	URLs []string
	// TLS is used for amqps URLs; nil means the system's roots and the URL's host name.
	TLS *tls.Config
	// Name is shown by the broker's management page and in this node's logs.
	Name string
	// User is the account behind a client certificate (auth_mechanism=external), which the
	// URL does not tell. Otherwise it is taken from the URL.
	User string
	// Heartbeat is the interval asked of the broker (whole seconds, at least 1 s). No byte
	// for three of them ends the session.
	Heartbeat time.Duration
	// DialTimeout bounds one attempt to connect.
	DialTimeout time.Duration
	// WriteTimeout bounds each flush to the network; when it passes, the session is lost.
	WriteTimeout time.Duration
	// WriteBuffer caps the bytes gathered but not yet written; writers wait beyond it.
	WriteBuffer int
	// BackoffMin and BackoffMax bound the pause between attempts.
	BackoffMin, BackoffMax time.Duration
	// Logger receives state changes; nil means slog.Default().
	Logger *slog.Logger
	// OnState is called by the supervising goroutine after each change; it must not block.
	OnState func(State)
}

// Validate reports every mistake in c at once. No message contains a URL: URLs hold
// passwords, and the parser's own errors quote them.
func (c Config) Validate() error {
	var errs []error
	if len(c.URLs) == 0 {
		errs = append(errs, errors.New("session: no AMQP URL given"))
	}
	users := map[string]bool{}
	for i, u := range c.URLs {
		uri, err := amqp.ParseURI(u)
		if err == nil {
			users[account(c, uri)] = true
		} else {
			errs = append(errs, fmt.Errorf("session: AMQP URL %d of %d cannot be parsed; its shape is "+
				"amqp://user:password@host:port/vhost, with reserved characters percent-encoded", i+1, len(c.URLs)))
		}
	}
	if len(users) > 1 {
		// A node recognises its own messages by the user that the broker validated.
		errs = append(errs, errors.New("session: all AMQP URLs must name the same user"))
	}
	if c.Heartbeat != 0 && c.Heartbeat < time.Second {
		errs = append(errs, fmt.Errorf("session: heartbeat %v is below the protocol's unit of 1s", c.Heartbeat))
	}
	if c.WriteBuffer < 0 || c.DialTimeout < 0 || c.WriteTimeout < 0 || c.BackoffMin < 0 || c.BackoffMax < 0 {
		errs = append(errs, errors.New("session: sizes and durations must not be negative"))
	}
	return errors.Join(errs...)
}

// withDefaults returns c with every zero replaced by its documented default.
func (c Config) withDefaults() Config {
	setDefault(&c.Heartbeat, DefaultHeartbeat)
	setDefault(&c.DialTimeout, DefaultDialTimeout)
	setDefault(&c.WriteTimeout, DefaultWriteTimeout)
	setDefault(&c.WriteBuffer, DefaultWriteBuffer)
	setDefault(&c.BackoffMin, DefaultBackoffMin)
	setDefault(&c.BackoffMax, DefaultBackoffMax)
	setDefault(&c.Name, "beds")
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
