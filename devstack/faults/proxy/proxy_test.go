package proxy

import (
	"bytes"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends back what it gets, and a proxy in front of it.
func echo(t *testing.T) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_, _ = io.Copy(c, c) // it ends with the connection
			}()
		}
	}()
	p, err := Listen("echo", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(); l.Close() })
	return p
}

// dial connects and has an echo, so that the proxy knows the connection.
func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	say(t, c, "hello")
	if got := hear(t, c, 5); got != "hello" {
		t.Fatalf("the echo is %q", got)
	}
	return c
}

func say(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, c net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := io.ReadFull(c, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestCutAfter: the bytes before the cut arrive, the next does not, and the end is a reset.
func TestCutAfter(t *testing.T) {
	for _, n := range []int{0, 1, 7, 4096} {
		p := echo(t)
		c := dial(t, p)
		p.CutAfter(Down, n)
		say(t, c, string(bytes.Repeat([]byte("x"), 9000)))
		got, err := io.ReadAll(c)
		if len(got) != n || !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("cut after %d: %d bytes, %v", n, len(got), err)
		}
	}
}

// TestBlackhole: a connection that was in it never comes out; a new one works.
func TestBlackhole(t *testing.T) {
	p := echo(t)
	old := dial(t, p)
	p.Set(Toxic{Blackhole: true})
	p.Set(Toxic{})
	say(t, old, "lost")
	dial(t, p) // has gone through the echo after old has spoken
	if err := old.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := old.Read(make([]byte, 1)); n > 0 || !isTimeout(err) {
		t.Errorf("%d bytes came out, %v", n, err)
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// TestDropDown: the server gets the request, the client no answer.
func TestDropDown(t *testing.T) {
	p := echo(t)
	c := dial(t, p)
	p.Set(Toxic{DropDown: true})
	say(t, c, "1234")
	time.Sleep(50 * time.Millisecond) // the answer must have come by to be swallowed
	p.Set(Toxic{})
	say(t, c, "5678")
	if got := hear(t, c, 4); got != "5678" {
		t.Errorf("heard %q", got)
	}
}
