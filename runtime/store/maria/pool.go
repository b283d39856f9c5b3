package maria

import (
	"context"
	"database/sql/driver"
	"sync"
	"sync/atomic"
	"time"
)

// A pool holds driver connections. It is ours and not database/sql's for two
// reasons: a call runs on one connection that is thrown away unless it ended
// well, which leaves no transaction behind, and rows are decoded as they come,
// without the conversions of Scan.
type pool struct {
	connector         driver.Connector
	maxIdle, lifetime time.Duration
	dialTimeout       time.Duration
	slots             chan struct{} // one token for each connection that may be in use

	mu     sync.Mutex
	idle   []*conn // the last one used is taken first
	closed bool

	open, busy   atomic.Int64
	waits, dials atomic.Int64
}

// A conn is a connection of the pool.
type conn struct {
	driver.Conn
	made, used time.Time
	fresh      bool // never used before
}

func newPool(connector driver.Connector, c *Config) *pool {
	return &pool{
		connector: connector, maxIdle: c.MaxIdle, lifetime: c.MaxLifetime, dialTimeout: c.DialTimeout,
		slots: make(chan struct{}, c.MaxConns),
	}
}

// get waits for a connection. The error is the context's, errClosed, or the one of
// the attempt to connect.
func (p *pool) get(ctx context.Context) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case p.slots <- struct{}{}:
	default:
		p.waits.Add(1)
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	c, err := p.take(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	p.busy.Add(1)
	return c, nil
}

// take reuses an idle connection or makes one.
func (p *pool) take(ctx context.Context) (*conn, error) {
	now := time.Now()
	for {
		p.mu.Lock()
		if p.closed {
			p.mu.Unlock()
			return nil, errClosed
		}
		var c *conn
		if n := len(p.idle); n > 0 {
			c = p.idle[n-1]
			p.idle = p.idle[:n-1]
		}
		p.mu.Unlock()
		if c == nil {
			return p.dial(ctx, now)
		}
		if now.Sub(c.used) < p.maxIdle && now.Sub(c.made) < p.lifetime && reset(ctx, c) {
			return c, nil
		}
		p.drop(c)
	}
}

// reset makes the driver look, before the next statement, whether the server has
// closed the connection.
func reset(ctx context.Context, c *conn) bool {
	r, ok := c.Conn.(driver.SessionResetter)
	return !ok || r.ResetSession(ctx) == nil
}

func (p *pool) dial(ctx context.Context, now time.Time) (*conn, error) {
	ctx, cancel := context.WithTimeout(ctx, p.dialTimeout)
	defer cancel()
	dc, err := p.connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	p.dials.Add(1)
	p.open.Add(1)
	return &conn{Conn: dc, made: now, used: now, fresh: true}, nil
}

// put gives a connection back; one that may hold a transaction or a broken
// stream is closed, which rolls back.
func (p *pool) put(c *conn, keep bool) {
	p.busy.Add(-1)
	if v, ok := c.Conn.(driver.Validator); ok && !v.IsValid() {
		keep = false
	}
	if keep {
		c.used, c.fresh = time.Now(), false
		p.mu.Lock()
		if keep = !p.closed; keep {
			p.idle = append(p.idle, c)
		}
		p.mu.Unlock()
	}
	if !keep {
		p.drop(c)
	}
	<-p.slots
}

func (p *pool) drop(c *conn) {
	p.open.Add(-1)
	_ = c.Close() // it is given up; nothing was lost with it
}

// close takes every slot, so that it returns when no call is running.
func (p *pool) close(ctx context.Context) error {
	p.mu.Lock()
	already := p.closed
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, c := range idle {
		p.drop(c)
	}
	if already {
		return nil
	}
	for range cap(p.slots) {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for range cap(p.slots) {
		<-p.slots
	}
	return nil
}

func (p *pool) stats() Stats {
	return Stats{Open: int(p.open.Load()), Busy: int(p.busy.Load()), Waits: p.waits.Load(), Dials: p.dials.Load()}
}
