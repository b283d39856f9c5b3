// Package proxy is a small TCP proxy that breaks connections on purpose: it
// cuts them at a byte, delays, throttles, swallows, or loses the answers alone.
package proxy

import (
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// Direction of bytes through the proxy.
type Direction int

const (
	// Up is from the one who dialled to the server.
	Up Direction = iota
	// Down is from the server back.
	Down
)

// A Toxic is what the proxy does to all connections while it is set.
type Toxic struct {
	Latency   time.Duration // added to every chunk, in each direction
	Jitter    time.Duration // up to so much more, at random
	BytesPerS int           // bandwidth in each direction; 0 is no limit
	// Blackhole swallows everything without closing. A connection that was once in a
	// black hole never comes out of it: the bytes are gone. That is a half-open link.
	Blackhole bool
	DropDown  bool // requests pass, answers are swallowed
	Refuse    bool // new connections are reset at once
}

// Proxy forwards from a loopback port of its own to one server.
type Proxy struct {
	Name     string
	upstream string
	listener net.Listener

	mu    sync.Mutex
	toxic Toxic
	links map[*link]bool
	done  sync.WaitGroup
}

// link is one proxied connection.
type link struct {
	proxy *Proxy
	ends  [2]net.Conn // ends[Up] is the client's, where upward bytes come from

	mu    sync.Mutex
	black bool
	cutIn [2]int // bytes until the cut, or -1
}

// Listen starts a proxy to upstream on a free loopback port.
func Listen(name, upstream string) (*Proxy, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{Name: name, upstream: upstream, listener: l, links: map[*link]bool{}}
	p.done.Add(1)
	go p.accept()
	return p, nil
}

// Addr is where to dial instead of the server.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Set replaces the toxic; the zero value is none.
func (p *Proxy) Set(t Toxic) {
	p.mu.Lock()
	p.toxic = t
	links := p.open()
	p.mu.Unlock()
	if !t.Blackhole {
		return
	}
	for _, l := range links {
		l.mu.Lock()
		l.black = true
		l.mu.Unlock()
	}
}

// CutAfter resets every open connection after n more bytes in a direction, so
// that n sweeps through frames and headers. The n bytes themselves arrive.
func (p *Proxy) CutAfter(d Direction, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range p.open() {
		l.mu.Lock()
		l.cutIn[d] = n
		l.mu.Unlock()
	}
}

// Reset resets every open connection now.
func (p *Proxy) Reset() {
	p.mu.Lock()
	links := p.open()
	p.mu.Unlock()
	for _, l := range links {
		l.reset()
	}
}

// Open is the number of open connections.
func (p *Proxy) Open() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Close ends the proxy and all that goes through it.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.Reset()
	p.done.Wait()
}

func (p *Proxy) open() []*link {
	all := make([]*link, 0, len(p.links))
	for l := range p.links {
		all = append(all, l)
	}
	return all
}

func (p *Proxy) current() Toxic {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.toxic
}

func (p *Proxy) accept() {
	defer p.done.Done()
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.done.Add(1)
		go func() {
			defer p.done.Done()
			p.serve(c)
		}()
	}
}

func (p *Proxy) serve(client net.Conn) {
	t := p.current()
	if t.Refuse {
		abort(client)
		return
	}
	server, err := net.DialTimeout("tcp", p.upstream, 2*time.Second)
	if err != nil {
		abort(client)
		return
	}
	l := &link{proxy: p, ends: [2]net.Conn{client, server}, black: t.Blackhole, cutIn: [2]int{-1, -1}}
	p.mu.Lock()
	p.links[l] = true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { l.pump(Up) })
	both.Go(func() { l.pump(Down) })
	both.Wait()
	l.reset()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// pump copies one direction until either end is gone.
func (l *link) pump(d Direction) {
	buf := make([]byte, 32<<10)
	from, to := l.ends[d], l.ends[1-d]
	for {
		n, err := from.Read(buf)
		if n > 0 && !l.forward(d, to, buf[:n]) {
			l.reset()
			return
		}
		if err != nil {
			l.hangUp(to)
			return
		}
	}
}

// forward passes one chunk on and reports whether the connection goes on.
func (l *link) forward(d Direction, to net.Conn, chunk []byte) bool {
	t := l.proxy.current()
	l.mu.Lock()
	black := l.black
	cut := l.cutIn[d]
	if cut >= 0 {
		l.cutIn[d] = max(0, cut-len(chunk))
	}
	l.mu.Unlock()
	if black || t.DropDown && d == Down {
		return true
	}
	wait(t, len(chunk))
	if cut >= 0 && len(chunk) >= cut {
		_, _ = to.Write(chunk[:cut])
		time.Sleep(2 * time.Millisecond) // let them arrive before the reset overtakes them
		return false
	}
	_, err := to.Write(chunk)
	return err == nil
}

func wait(t Toxic, n int) {
	d := t.Latency
	if t.Jitter > 0 {
		d += rand.N(t.Jitter)
	}
	if t.BytesPerS > 0 {
		d += time.Duration(n) * time.Second / time.Duration(t.BytesPerS)
	}
	if d > 0 {
		time.Sleep(d)
	}
}

// hangUp passes on the end of one direction; in a black hole nobody hears of it.
func (l *link) hangUp(to net.Conn) {
	l.mu.Lock()
	black := l.black
	l.mu.Unlock()
	if black {
		return
	}
	if c, ok := to.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	// A half-closed connection is of no use to any of our protocols.
	time.AfterFunc(time.Second, l.reset)
}

// reset ends both sides with RST, as a machine does that has forgotten them.
func (l *link) reset() {
	abort(l.ends[Up])
	abort(l.ends[Down])
}

func abort(c net.Conn) {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = c.Close()
}
