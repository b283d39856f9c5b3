package session_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime/session"
)

// pair returns the two ends of a TCP connection.
func pair(t testing.TB) (a, b net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	a, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close(); _ = b.Close() })
	return a, b
}

func TestCoalescerKeepsEveryByteInOrder(t *testing.T) {
	near, far := pair(t)
	c := session.NewCoalescer(near, 0, 4096) // small, so that writers must wait for room
	var want bytes.Buffer
	got := make(chan []byte, 1)
	go func() { all, _ := io.ReadAll(far); got <- all }()
	for i := range 20_000 {
		chunk := bytes.Repeat([]byte{byte(i)}, i%97)
		if i%1000 == 0 {
			chunk = bytes.Repeat([]byte{byte(i)}, 30_000) // larger than the buffer
		}
		want.Write(chunk)
		if n, err := c.Write(chunk); err != nil || n != len(chunk) {
			t.Fatalf("write %d: %d, %v", i, n, err)
		}
	}
	if err := c.Close(); err != nil { // flushes what was accepted
		t.Fatal(err)
	}
	if all := <-got; !bytes.Equal(all, want.Bytes()) {
		t.Errorf("%d bytes arrived of %d, or not the same", len(all), want.Len())
	}
	if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("write after close: %v", err)
	}
}

func TestCoalescerGathers(t *testing.T) {
	near, far := pair(t)
	c := session.NewCoalescer(near, 0, 0)
	go func() { _, _ = io.Copy(io.Discard, far) }()
	const writes = 5000
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range writes / 10 {
				_, _ = c.Write([]byte("0123456789"))
			}
		})
	}
	wg.Wait()
	_ = c.Close()
	if calls, n := c.Flushes(); calls > writes/4 || n != writes*10 {
		t.Errorf("%d writes of 10 bytes took %d system calls and %d bytes", writes, calls, n)
	}
}

func TestCoalescerErrorIsStickyAndWakesWriters(t *testing.T) {
	near, _ := pair(t) // nobody reads the other end
	c := session.NewCoalescer(near, 50*time.Millisecond, 64<<10)
	chunk := make([]byte, 32<<10)
	var err error
	for began := time.Now(); err == nil && time.Since(began) < 10*time.Second; {
		_, err = c.Write(chunk)
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a peer that does not read gave %v", err)
	}
	if _, again := c.Write([]byte("x")); !errors.Is(again, os.ErrDeadlineExceeded) {
		t.Errorf("the error is not sticky: %v", again)
	}
	began := time.Now()
	_ = c.Close()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}

func TestCoalescerAbortWakesAWaitingWriter(t *testing.T) {
	near, _ := pair(t)
	c := session.NewCoalescer(near, time.Minute, 4096)
	failed := make(chan error, 1)
	go func() {
		for {
			if _, err := c.Write(make([]byte, 4096)); err != nil {
				failed <- err
				return
			}
		}
	}()
	time.Sleep(50 * time.Millisecond) // until socket and buffer are full
	c.Abort()
	select {
	case err := <-failed:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("error %v", err)
		}
	case <-time.After(5 * time.Second):
		t.Fatal("a writer hangs after Abort")
	}
	_ = c.Close()
}

func TestCoalescerCloseCutsABlockedFlush(t *testing.T) {
	near, _ := pair(t)
	c := session.NewCoalescer(near, time.Hour, 16<<20)
	_, _ = c.Write(make([]byte, 16<<20))
	time.Sleep(20 * time.Millisecond)
	began := time.Now()
	_ = c.Close()
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Close took %v", took)
	}
}
