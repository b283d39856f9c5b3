package session

import (
	"bufio"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// gatherRounds is how often the flusher steps aside to let writers that are ready to
	// run add their bytes. It stops at the first round that brings nothing, so a lone write
	// costs one yield. In the RPC benchmark (128 in flight) a round trip takes 2 writes without
	// gathering, 0.42 with none of these rounds, 0.30 with two and no fewer with sixteen.
	gatherRounds = 2
	// gatherEnough stops gathering: beyond one loopback segment, a system call is paid anyway.
	gatherEnough = 64 << 10
	// readBuffer replaces the library's 4 KiB reads: ten deliveries a system call become a hundred.
	readBuffer = 64 << 10
	// closeGrace is how long Close waits for the bytes already accepted.
	closeGrace = time.Second
	// keepBuffer caps the memory kept for the next flush after one large message.
	keepBuffer = 256 << 10
)

// Coalescer is a net.Conn that gathers small writes. Write copies into a buffer and
// returns; one goroutine flushes for as long as there is something to flush, taking all
// that has gathered in the meantime with it. It flushes at once when nobody else is about
// to write, it never waits for a timer and it sleeps when idle.
//
// amqp091-go makes a system call for each publish and each ack; gathering them more than
// doubles an RPC loop on two cores. An error while flushing is reported by every later
// Write, and by nothing earlier: as with any buffered writer, a nil error from Write means
// accepted, not sent.
type Coalescer struct {
	net.Conn // below: TCP, or TLS over TCP

	in       *bufio.Reader
	born     time.Time    // what lastRead counts from: a step of the machine's clock must not look like silence
	lastRead atomic.Int64 // nanoseconds

	timeout time.Duration
	limit   int

	mu      sync.Mutex
	work    sync.Cond // the flusher waits here for bytes
	room    sync.Cond // writers wait here while the buffer is full
	pending []byte    // accepted, not yet being written
	spare   []byte    // the other half of the double buffer
	resting bool      // the flusher waits
	closing bool
	err     error // sticky

	flushed  chan struct{} // closed when the flusher has ended
	flushes  atomic.Uint64
	outBytes atomic.Uint64
}

// NewCoalescer wraps conn. timeout bounds each flush and limit the bytes accepted but not
// yet written; zeros mean [DefaultWriteTimeout] and [DefaultWriteBuffer]. The caller must
// Close it.
func NewCoalescer(conn net.Conn, timeout time.Duration, limit int) *Coalescer {
	setDefault(&timeout, DefaultWriteTimeout)
	setDefault(&limit, DefaultWriteBuffer)
	c := &Coalescer{Conn: conn, timeout: timeout, limit: limit, born: time.Now(), flushed: make(chan struct{})}
	c.work.L, c.room.L = &c.mu, &c.mu
	c.in = bufio.NewReaderSize(stamped{c}, readBuffer)
	go c.flushLoop()
	return c
}

// stamped notes when bytes last came in, once per system call rather than once per frame.
type stamped struct{ c *Coalescer }

func (s stamped) Read(p []byte) (int, error) {
	n, err := s.c.Conn.Read(p)
	if n > 0 {
		s.c.lastRead.Store(int64(time.Since(s.c.born)))
	}
	return n, err
}

// Read implements net.Conn. Like any net.Conn it serves one reader at a time.
func (c *Coalescer) Read(p []byte) (int, error) { return c.in.Read(p) }

// Silence returns how long nothing has come in.
func (c *Coalescer) Silence() time.Duration {
	return time.Since(c.born) - time.Duration(c.lastRead.Load())
}

// Write implements net.Conn: it accepts p and waits only while the buffer is full.
func (c *Coalescer) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	written := 0
	for {
		for c.err == nil && !c.closing && len(c.pending) >= c.limit {
			c.room.Wait()
		}
		if c.err != nil {
			return written, c.err
		}
		if c.closing {
			return written, net.ErrClosed
		}
		n := min(len(p)-written, c.limit-len(c.pending))
		c.pending = append(c.pending, p[written:written+n]...)
		written += n
		if c.resting {
			c.resting = false
			c.work.Signal()
		}
		if written == len(p) {
			return written, nil
		}
	}
}

// flushLoop is the only writer of the connection below. It ends at the first error, or
// when the connection is closing and everything accepted has been written.
func (c *Coalescer) flushLoop() {
	defer close(c.flushed)
	c.mu.Lock()
	defer c.mu.Unlock()
	var deadline time.Time
	for {
		for len(c.pending) == 0 && !c.closing && c.err == nil {
			c.resting = true
			c.work.Wait()
		}
		c.resting = false
		if c.err != nil || len(c.pending) == 0 {
			return
		}
		c.gather()
		out, closing := c.pending, c.closing
		c.pending, c.spare = c.spare[:0], nil
		c.room.Broadcast()

		c.mu.Unlock()
		deadline = c.armDeadline(deadline, closing)
		n, err := c.Conn.Write(out)
		c.flushes.Add(1)
		c.outBytes.Add(uint64(n))
		c.mu.Lock()

		if cap(out) <= keepBuffer {
			c.spare = out
		}
		if err != nil && c.err == nil {
			c.err = err
			c.room.Broadcast()
		}
	}
}

// gather lets goroutines that are ready to write do so first, for as long as each round
// brings more. Called and returning with the lock held.
func (c *Coalescer) gather() {
	for range gatherRounds {
		before := len(c.pending)
		if before >= gatherEnough || c.closing {
			return
		}
		c.mu.Unlock()
		runtime.Gosched()
		c.mu.Lock()
		if len(c.pending) == before {
			return
		}
	}
}

// armDeadline makes sure that the next write ends within the timeout. Moving a deadline
// costs as much as a small write, so one that still has three quarters to run is kept.
func (c *Coalescer) armDeadline(armed time.Time, closing bool) time.Time {
	timeout := c.timeout
	if closing {
		timeout = min(timeout, closeGrace)
	}
	now := time.Now()
	if left := armed.Sub(now); left >= timeout/4*3 && left <= timeout {
		return armed
	}
	armed = now.Add(timeout)
	_ = c.Conn.SetWriteDeadline(armed) // a failure here shows in the write that follows
	return armed
}

// SetDeadline implements net.Conn for the read side; the write side has a deadline per
// flush of its own, which callers cannot lengthen.
func (c *Coalescer) SetDeadline(t time.Time) error { return c.Conn.SetReadDeadline(t) }

// SetWriteDeadline does nothing, see [Coalescer.SetDeadline].
func (c *Coalescer) SetWriteDeadline(time.Time) error { return nil }

// Close flushes what was accepted, for at most a second, and closes the connection.
func (c *Coalescer) Close() error {
	c.mu.Lock()
	c.closing = true
	c.work.Signal()
	c.room.Broadcast()
	c.mu.Unlock()

	grace := time.NewTimer(closeGrace)
	defer grace.Stop()
	select {
	case <-c.flushed:
	case <-grace.C:
	}
	err := c.Conn.Close() // also ends a write that is still blocked
	<-c.flushed
	return err
}

// Abort closes the connection at once and drops what was not written yet.
func (c *Coalescer) Abort() {
	c.mu.Lock()
	if c.err == nil {
		c.err = net.ErrClosed
	}
	c.closing = true
	c.work.Signal()
	c.room.Broadcast()
	c.mu.Unlock()
	_ = c.Conn.Close()
}

// Flushes returns how many times the connection below was written to, and how many bytes.
func (c *Coalescer) Flushes() (calls, bytes uint64) {
	return c.flushes.Load(), c.outBytes.Load()
}
