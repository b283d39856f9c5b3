package session

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// AuthError says that a broker was reached and refused us. Trying again without changing
// the configuration or the broker is pointless, so a node in prod stops on it.
type AuthError struct {
	Host  string // host:port
	User  string
	Vhost string
	Err   error // the broker's words; they never contain the password
}

func (e *AuthError) Error() string {
	return fmt.Sprintf("RabbitMQ at %s refused user %q for vhost %q: %v; check the password, and the user's "+
		"rights with rabbitmqctl list_user_permissions %s", e.Host, e.User, e.Vhost, e.Err, e.User)
}

func (e *AuthError) Unwrap() error { return e.Err }

// Dialer returns a function for amqp.Config.Dial that makes coalescing connections. It is
// for programs that use amqp091-go directly; a [Conn] coalesces by itself, above TLS.
func Dialer(cfg Config) func(network, addr string) (net.Conn, error) {
	cfg = cfg.withDefaults()
	return func(network, addr string) (net.Conn, error) {
		conn, err := net.DialTimeout(network, addr, cfg.DialTimeout)
		if err != nil {
			return nil, err
		}
		wire := NewCoalescer(conn, cfg.WriteTimeout, cfg.WriteBuffer)
		return wire, wire.SetReadDeadline(time.Now().Add(cfg.DialTimeout))
	}
}

// Probe makes one connection to the first URL that answers and closes it again. When none
// does, the error joins what each URL said; errors.As finds an [AuthError] in it.
func Probe(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	var errs []error
	for _, url := range cfg.URLs {
		link, err := dial(ctx, cfg, url)
		if err == nil {
			link.close(cfg.DialTimeout)
			return nil
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// link is one established connection with the wire below it.
type link struct {
	conn *amqp.Connection
	wire *Coalescer
	host string
	user string
}

// stream hides the deadline methods of the wire from the library. Given a net.Conn, the
// library moves the read deadline after every frame by way of another goroutine, which is
// measurable at ten thousand messages a second; our watchdog looks at the clock instead.
type stream struct{ io.ReadWriteCloser }

// dial connects to one URL within cfg.DialTimeout and ctx. Errors name host and user only.
func dial(ctx context.Context, cfg Config, rawURL string) (*link, error) {
	uri, err := amqp.ParseURI(rawURL)
	if err != nil {
		return nil, errors.New("session: the AMQP URL cannot be parsed") // err may quote the password
	}
	host := net.JoinHostPort(uri.Host, strconv.Itoa(uri.Port))
	ctx, cancel := context.WithTimeout(ctx, cfg.DialTimeout)
	defer cancel()

	raw, err := dialNet(ctx, cfg, uri, host)
	if err != nil {
		return nil, fmt.Errorf("connecting to RabbitMQ at %s: %w", host, err)
	}
	wire := NewCoalescer(raw, cfg.WriteTimeout, cfg.WriteBuffer)
	stop := context.AfterFunc(ctx, wire.Abort)
	conn, err := amqp.Open(stream{wire}, amqpConfig(cfg, uri))
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		wire.Abort()
		return nil, handshakeError(ctx, cfg, err, host, uri)
	}
	return &link{conn: conn, wire: wire, host: host, user: account(cfg, uri)}, nil
}

// account names the user that the broker knows us as; empty when only a certificate does.
func account(cfg Config, uri amqp.URI) string {
	if cfg.User != "" {
		return cfg.User
	}
	if external(uri) {
		return ""
	}
	return uri.Username
}

// Account is the user that the broker will know us as, or empty when only a certificate
// says so and User does not tell.
func (c Config) Account() string {
	if len(c.URLs) == 0 {
		return c.User
	}
	uri, err := amqp.ParseURI(c.URLs[0])
	if err != nil {
		return ""
	}
	return account(c, uri)
}

func external(uri amqp.URI) bool {
	return slices.ContainsFunc(uri.AuthMechanism, func(m string) bool { return strings.EqualFold(m, "external") })
}

// dialNet makes the TCP connection, and the TLS session on it for amqps.
func dialNet(ctx context.Context, cfg Config, uri amqp.URI, host string) (net.Conn, error) {
	var d net.Dialer
	if uri.Scheme != "amqps" {
		return d.DialContext(ctx, "tcp", host)
	}
	tlsConfig := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.TLS != nil {
		tlsConfig = cfg.TLS.Clone()
	}
	if tlsConfig.ServerName == "" {
		tlsConfig.ServerName = uri.Host
	}
	return (&tls.Dialer{NetDialer: &d, Config: tlsConfig}).DialContext(ctx, "tcp", host)
}

// amqpConfig leaves Recovery off, see the package comment.
func amqpConfig(cfg Config, uri amqp.URI) amqp.Config {
	props := amqp.NewConnectionProperties()
	props.SetClientConnectionName(cfg.Name)
	var auth amqp.Authentication = uri.PlainAuth()
	if external(uri) {
		auth = &amqp.ExternalAuth{}
	}
	return amqp.Config{
		SASL: []amqp.Authentication{auth}, Vhost: uri.Vhost, Heartbeat: cfg.Heartbeat,
		FrameSize: 128 << 10, ChannelMax: uri.ChannelMax, Locale: "en_US", Properties: props,
	}
}

// handshakeError tells a refusal from a network that failed in the middle.
func handshakeError(ctx context.Context, cfg Config, err error, host string, uri amqp.URI) error {
	var refused *amqp.Error
	if ctx.Err() == nil && errors.As(err, &refused) {
		switch refused.Code {
		case amqp.AccessRefused, amqp.NotAllowed:
			return &AuthError{Host: host, User: account(cfg, uri), Vhost: uri.Vhost, Err: refused}
		}
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return fmt.Errorf("AMQP handshake with RabbitMQ at %s: %w", host, err)
}

// close says goodbye and waits for the answer, at most for limit.
func (l *link) close(limit time.Duration) {
	cut := time.AfterFunc(limit, l.wire.Abort)
	defer cut.Stop()
	_ = l.conn.Close() // a session that is already gone is closed enough
}

// Once runs work on a channel of a connection made for it alone, which is closed afterwards.
// It is for what must not put a shared connection at risk, and for operators' commands.
func Once(ctx context.Context, cfg Config, work func(*amqp.Channel) error) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	var errs []error
	for _, url := range cfg.URLs {
		link, err := dial(ctx, cfg, url)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		defer link.close(cfg.DialTimeout)
		defer context.AfterFunc(ctx, link.wire.Abort)()
		ch, err := link.conn.Channel()
		if err != nil {
			return err
		}
		return work(ch)
	}
	return errors.Join(errs...)
}
