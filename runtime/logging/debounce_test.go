package logging

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is a buffer that timers may write to.
type page struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buf.Write(b)
}

// take returns what was written since the last call.
func (p *page) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.buf.Reset()
	return p.buf.String()
}

// bare logs without time, so that lines compare.
func bare(buf *page) *slog.Logger {
	return slog.New(slog.NewTextHandler(buf, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

func TestDebounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf page
		l, stop := Debounce(bare(&buf), time.Minute)
		steps := []struct {
			do   func()
			want string
		}{
			{func() { l.Warn("lost", "n", 1) }, "level=WARN msg=lost n=1\n"},
			{func() { l.Warn("lost", "n", 2); l.Warn("lost", "n", 3) }, ""},
			{func() { l.Error("lost") }, "level=ERROR msg=lost\n"},
			{func() { l.With("store", "a").Warn("lost") }, "level=WARN msg=lost store=a\n"},
			{func() { l.With("store", "b").Warn("lost") }, "level=WARN msg=lost store=b\n"},
			{func() { l.WithGroup("g").Warn("lost", "n", 1) }, "level=WARN msg=lost g.n=1\n"},
			{func() { time.Sleep(61 * time.Second) }, "level=WARN msg=lost n=3 repeated=2\n"},
			{func() { l.Warn("lost", "n", 4) }, ""},
			{func() { time.Sleep(time.Minute) }, "level=WARN msg=lost n=4 repeated=1\n"},
			{func() { time.Sleep(time.Minute) }, ""},
			{func() { l.Warn("lost", "n", 5) }, "level=WARN msg=lost n=5\n"},
			{func() { l.Warn("lost", "n", 6) }, ""},
			{stop, "level=WARN msg=lost n=6 repeated=1\n"},
			{func() { l.Warn("lost", "n", 7); l.Warn("lost", "n", 8) }, "level=WARN msg=lost n=7\nlevel=WARN msg=lost n=8\n"},
		}
		for i, s := range steps {
			s.do()
			synctest.Wait()
			if got := buf.take(); got != s.want {
				t.Errorf("step %d: got %q, want %q", i, got, s.want)
			}
		}
	})
}

func TestDebounceIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var buf page
		l, stop := Debounce(bare(&buf), time.Minute)
		defer stop()
		for i := range 2 * maxDebounced {
			l.Info(fmt.Sprint(i))
		}
		d := l.Handler().(*debounceHandler).d
		if n := len(d.kinds); n > maxDebounced {
			t.Errorf("%d kinds are remembered", n)
		}
		if lines := strings.Count(buf.take(), "\n"); lines != 2*maxDebounced {
			t.Errorf("%d lines, want all %d", lines, 2*maxDebounced)
		}
	})
}

func TestDebounceDisabledLevel(t *testing.T) {
	var buf page
	l, stop := Debounce(bare(&buf), time.Minute)
	defer stop()
	if l.Enabled(context.Background(), slog.LevelDebug) {
		t.Error("debug is enabled")
	}
}
