package session

import (
	"context"
	"errors"
	"log/slog"
	"math/bits"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// ErrClosed is returned by everything that needs a [Conn] after it was closed.
var ErrClosed = errors.New("session: closed")

// errSilent ends a session that the watchdog gave up.
var errSilent = errors.New("session: no byte from the broker for three heartbeats")

// Conn keeps one connection to RabbitMQ up, for ever. It is safe for concurrent use.
type Conn struct {
	cfg    Config
	log    *slog.Logger
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	current *Session
	changed chan struct{} // closed and replaced whenever current changes
	state   State
	since   time.Time
	host    string

	attempts, sessions, lost, blocks atomic.Uint64
}

// Open starts supervising a connection and returns at once; [Conn.Session] waits for it.
// Only a bad cfg is an error. The end of ctx closes the Conn without ceremony; normally
// callers use [Conn.Close], which also waits.
func Open(ctx context.Context, cfg Config) (*Conn, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	c := &Conn{
		cfg: cfg, log: cfg.Logger.With("connection", cfg.Name), ended: make(chan struct{}),
		changed: make(chan struct{}), since: time.Now(), state: Connecting,
	}
	c.ctx, c.cancel = context.WithCancel(ctx)
	go c.supervise()
	return c, nil
}

// Session returns the live session, waiting for one as long as ctx allows.
func (c *Conn) Session(ctx context.Context) (*Session, error) {
	for {
		c.mu.Lock()
		s, changed := c.current, c.changed
		c.mu.Unlock()
		if s != nil {
			return s, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-c.ctx.Done():
			return nil, ErrClosed
		}
	}
}

// State returns what the connection is doing now.
func (c *Conn) State() State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

// Stats returns a snapshot of the counters.
func (c *Conn) Stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := Stats{
		Name: c.cfg.Name, State: c.state, Since: c.since, Host: c.host,
		Attempts: c.attempts.Load(), Sessions: c.sessions.Load(), Lost: c.lost.Load(), Blocks: c.blocks.Load(),
	}
	if c.current != nil {
		st.Flushes, st.OutBytes = c.current.link.wire.Flushes()
	}
	return st
}

// Close ends the supervision and closes the connection politely while ctx lasts, then at
// once. It returns ctx's error when politeness did not work out. More calls are harmless.
func (c *Conn) Close(ctx context.Context) error {
	c.cancel()
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	if s := c.current; s != nil {
		s.link.wire.Abort()
	}
	c.mu.Unlock()
	<-c.ended
	return ctx.Err()
}

// supervise is the goroutine behind a Conn: connect, watch, pause, again.
func (c *Conn) supervise() {
	defer close(c.ended)
	defer c.setState(Down)
	pause := Backoff{Min: c.cfg.BackoffMin, Max: c.cfg.BackoffMax}
	for attempt := 0; c.ctx.Err() == nil; attempt++ {
		c.setState(Connecting)
		c.attempts.Add(1)
		link, err := dial(c.ctx, c.cfg, c.cfg.URLs[attempt%len(c.cfg.URLs)])
		if err == nil {
			began := time.Now()
			err = c.watch(link)
			// A session that dies as soon as it is up must not be retried at full speed.
			if time.Since(began) > c.cfg.BackoffMax {
				pause.Reset()
			}
		}
		if c.ctx.Err() != nil {
			return
		}
		c.setState(Down)
		c.logFailure(err, pause.Attempts()+1)
		if pause.Wait(c.ctx) != nil {
			return
		}
	}
}

// logFailure writes the 1st, 2nd, 4th, 8th … failure in a row: a broker that is away for a
// night must not fill the disk.
func (c *Conn) logFailure(err error, failures int) {
	if bits.OnesCount(uint(failures)) == 1 {
		c.log.Warn("rabbitmq connection is down, trying again", "failures", failures, "error", err)
	}
}

// watch publishes the session, follows its signals until it ends and says why it ended.
func (c *Conn) watch(l *link) error {
	s := newSession(c.sessions.Add(1), l)
	closed := l.conn.NotifyClose(make(chan *amqp.Error, 1))
	blocked := l.conn.NotifyBlocked(make(chan amqp.Blocking, 8))
	defer func(ch chan amqp.Blocking) { go drain(ch) }(blocked) // read until the library closes it (amqp091-go#11)
	c.install(s)
	c.log.Info("rabbitmq connection is up", "host", l.host, "user", l.user, "session", s.id)

	interval := c.cfg.Heartbeat
	if agreed := l.conn.Config.Heartbeat; agreed > 0 {
		interval = agreed // the broker may ask for less
	}
	beat := time.NewTicker(interval / 4) // so that silence is noticed a quarter of a heartbeat late at most
	defer beat.Stop()
	for {
		select {
		case reason := <-closed:
			var err error = reason
			if reason == nil {
				err = ErrClosed
			}
			return c.lose(s, err)
		case b, ok := <-blocked:
			if !ok {
				blocked = nil // closing; the reason follows on closed
				continue
			}
			c.block(s, b)
		case <-beat.C:
			if l.wire.Silence() > 3*interval {
				l.wire.Abort()
				return c.lose(s, errSilent)
			}
		case <-s.failed:
			l.wire.Abort()
			return c.lose(s, s.failure)
		case <-c.ctx.Done():
			c.retire(s)
			return ErrClosed
		}
	}
}

// install makes s the session that everybody gets.
func (c *Conn) install(s *Session) {
	c.mu.Lock()
	c.current, c.host = s, s.link.host
	close(c.changed)
	c.changed = make(chan struct{})
	c.mu.Unlock()
	c.setState(Up)
}

// lose takes s away and wakes everybody who works with it.
func (c *Conn) lose(s *Session, err error) error {
	c.lost.Add(1)
	c.remove(s, err)
	return err
}

// retire closes s because we were asked to; users of s see it end only afterwards, so that
// the goodbye is the last thing that it sends.
func (c *Conn) retire(s *Session) {
	s.link.close(c.cfg.DialTimeout)
	c.remove(s, ErrClosed)
}

func (c *Conn) remove(s *Session, err error) {
	c.mu.Lock()
	c.current = nil
	c.mu.Unlock()
	s.end(err)
}

func (c *Conn) block(s *Session, b amqp.Blocking) {
	if b.Active {
		c.blocks.Add(1)
		c.log.Warn("rabbitmq blocks publishing", "reason", b.Reason)
		s.gate(true)
		c.setState(Blocked)
		return
	}
	c.log.Info("rabbitmq accepts publishing again")
	s.gate(false)
	c.setState(Up)
}

func (c *Conn) setState(s State) {
	c.mu.Lock()
	same := c.state == s
	if !same {
		c.state, c.since = s, time.Now()
	}
	c.mu.Unlock()
	if !same && c.cfg.OnState != nil {
		c.cfg.OnState(s)
	}
}

func drain[T any](ch <-chan T) {
	for range ch { //nolint:revive // reading to the end is the point
	}
}
