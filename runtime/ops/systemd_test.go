package ops

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A fakeSystemd is the other end of the notification socket.
type fakeSystemd struct{ conn *net.UnixConn }

func listenSystemd(t *testing.T) fakeSystemd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return fakeSystemd{c}
}

// hear returns the next message, or nothing if none comes in time.
func (f fakeSystemd) hear(within time.Duration) string {
	b := make([]byte, 1024)
	_ = f.conn.SetReadDeadline(time.Now().Add(within))
	n, _ := f.conn.Read(b)
	return string(b[:n])
}

// patience is longer than any message takes to arrive.
const patience = 5 * time.Second

func TestNotify(t *testing.T) {
	systemd := listenSystemd(t)
	for _, tt := range []struct {
		do   func() error
		want string
	}{
		{NotifyReady, "READY=1"},
		{NotifyStopping, "STOPPING=1"},
		{func() error { return NotifyStatus("lost amqp://u:p@h\nMAINPID=1") }, "STATUS=lost amqp://***@h MAINPID=1"},
	} {
		if err := tt.do(); err != nil {
			t.Fatal(err)
		}
		if got := systemd.hear(patience); got != tt.want {
			t.Errorf("systemd hears %q, want %q", got, tt.want)
		}
	}
}

func TestNotifyWithoutSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "")
	if err := errors.Join(NotifyReady(), NotifyStopping(), RunWatchdog(t.Context(), slog.Default(), nil)); err != nil {
		t.Error(err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	if err := NotifyReady(); err == nil || !strings.Contains(err.Error(), "systemd can't be told READY=1") {
		t.Errorf("got %v", err)
	}
	t.Setenv("WATCHDOG_USEC", "soon")
	if err := RunWatchdog(t.Context(), slog.Default(), nil); err == nil {
		t.Error("a bad interval is accepted")
	}
}

func TestWatchdogBeatsWhileAlive(t *testing.T) {
	systemd := listenSystemd(t)
	t.Setenv("WATCHDOG_PID", "")
	t.Setenv("WATCHDOG_USEC", strconv.Itoa(20_000))
	ctx, cancel := context.WithCancel(t.Context())
	var asked, dead atomic.Int64
	done := make(chan error)
	go func() {
		done <- RunWatchdog(ctx, slog.New(slog.DiscardHandler), func() error {
			asked.Add(1)
			if dead.Load() == 1 {
				return errors.New("stuck")
			}
			return nil
		})
	}()
	for range 3 {
		if got := systemd.hear(patience); got != "WATCHDOG=1" {
			t.Errorf("systemd hears %q", got)
		}
	}
	dead.Store(1)
	waitFor := func(more int64) {
		for until := asked.Load() + more; asked.Load() < until; {
			time.Sleep(time.Millisecond)
		}
	}
	// The second question after the turn is certainly answered with an error;
	// the beats until then are waiting to be read.
	waitFor(2)
	for systemd.hear(time.Millisecond) != "" {
		continue
	}
	waitFor(2)
	if got := systemd.hear(time.Millisecond); got != "" {
		t.Errorf("systemd hears %q of a stuck node", got)
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("RunWatchdog = %v", err)
	}
}
