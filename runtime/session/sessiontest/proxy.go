package sessiontest

import (
	"net"
	"strconv"
	"sync"
	"testing"
)

// Proxy forwards TCP to a broker and breaks it on request. It starts in order.
type Proxy struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu     sync.Mutex
	refuse bool
	frozen chan struct{}     // closed while bytes may flow
	conns  map[net.Conn]bool // true: a client's side
}

// NewProxy starts a proxy in front of the broker at address; the test's end closes it.
func NewProxy(tb testing.TB, address string) *Proxy {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, target: target(tb, address), frozen: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(p.frozen)
	p.wg.Add(1)
	go p.accept()
	tb.Cleanup(p.Close)
	return p
}

// Addr is where to connect to.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Kill resets every connection; new ones are accepted.
func (p *Proxy) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // a reset rather than an orderly end
		}
		_ = c.Close()
	}
}

// Refuse makes new connections fail, or lets them through again.
func (p *Proxy) Refuse(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = on
}

// Freeze holds back all bytes in both directions, as a half-open link does.
func (p *Proxy) Freeze() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = make(chan struct{})
}

// Thaw lets bytes flow again.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.frozen:
	default:
		close(p.frozen)
	}
}

// Block tells every client that the broker has stopped reading publishers, as in a memory
// alarm, or that it reads again. The frames are put between the broker's own, so nothing may
// be on its way at that moment.
func (p *Proxy) Block(on bool) {
	// Method frame on channel 0: connection.blocked (10, 60) with its reason, or connection.unblocked (10, 61).
	frame := []byte{1, 0, 0, 0, 0, 0, 8, 0, 10, 0, 60, 3, 'l', 'o', 'w', 0xCE}
	if !on {
		frame = []byte{1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 61, 0xCE}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for c, client := range p.conns {
		if client {
			_, _ = c.Write(frame) // a client that has gone needs no news
		}
	}
}

// Close ends the proxy and all its connections.
func (p *Proxy) Close() {
	_ = p.listener.Close()
	p.Thaw()
	p.Kill()
	p.wg.Wait()
}

func (p *Proxy) accept() {
	defer p.wg.Done()
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.refuse
		p.mu.Unlock()
		if refuse {
			_ = in.Close()
			continue
		}
		out, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.conns[in], p.conns[out] = true, false
		p.mu.Unlock()
		p.wg.Add(2)
		go p.pump(in, out)
		go p.pump(out, in)
	}
}

func (p *Proxy) pump(from, to net.Conn) {
	defer p.wg.Done()
	defer func() {
		_ = from.Close()
		_ = to.Close()
		p.mu.Lock()
		delete(p.conns, from)
		p.mu.Unlock()
	}()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		flowing := p.frozen
		p.mu.Unlock()
		<-flowing
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {

			return
		}
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
