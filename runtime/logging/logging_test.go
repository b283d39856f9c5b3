package logging

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/lineage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memory keeps what is emitted.
type memory struct {
	mu     sync.Mutex
	events []Event
	closed bool
}

func (m *memory) Emit(e Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, e)
}

func (m *memory) Close() error {
	m.closed = true
	return nil
}

// newConsoleLogger returns a logger and what it wrote, without the times.
func newConsoleLogger(t testing.TB, o Options) (*slog.Logger, func() string) {
	t.Helper()
	var buf bytes.Buffer
	o.Console = &buf
	l, _, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return l, func() string {
		return regexp.MustCompile(`(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z `).ReplaceAllString(buf.String(), "")
	}
}

func TestConsoleLine(t *testing.T) {
	ctx := lineage.With(context.Background(), lineage.Lineage{EventID: "e2", ParentID: "e1", RootID: "e0", Depth: 2})
	root := lineage.With(context.Background(), lineage.Lineage{EventID: "e0", RootID: "e0"})
	tests := []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"message alone", func(l *slog.Logger) { l.Info("ready") }, "INFO  ready\n"},
		{"aligned attributes", func(l *slog.Logger) { l.Warn("lost", "n", 1, "d", time.Second) }, "WARN  lost                                 n=1 d=1s\n"},
		{"quoted attributes", func(l *slog.Logger) { l.Error("x", "a", "b c", "e", "", "q", `"`, "eq", "a=b") }, `ERROR x                                    a="b c" e="" q="\"" eq="a=b"` + "\n"},
		{"groups", func(l *slog.Logger) {
			l.WithGroup("g").With("a", 1).Info("x", slog.Group("h", "b", 2), slog.Group("", "c", 3), slog.Group("empty"))
		}, "INFO  x                                    g.a=1 g.h.b=2 g.c=3\n"},
		{"lineage", func(l *slog.Logger) { l.InfoContext(ctx, "x") }, "INFO  x                                    event_id=e2 parent_id=e1 root_id=e0 depth=2\n"},
		{"lineage of a root", func(l *slog.Logger) { l.InfoContext(root, "x", "resource", "pool") }, "INFO  x                                    resource=pool event_id=e0 depth=0\n"},
		{"error", func(l *slog.Logger) { l.Info("x", "err", errors.New("no way")) }, "INFO  x                                    err=\"no way\"\n"},
		{"below the level", func(l *slog.Logger) { l.Debug("x") }, ""},
		{"levels between", func(l *slog.Logger) { l.Log(context.Background(), slog.LevelInfo+1, "x") }, "INFO  x\n"},
		{"nil", func(l *slog.Logger) { l.Info("x", "v", nil) }, "INFO  x                                    v=<nil>\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, text := newConsoleLogger(t, Options{})
			tt.log(l)
			if got := text(); got != tt.want {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
		})
	}
}

// What a client sends stays on its line and in its attribute.
func TestConsoleCannotBeForged(t *testing.T) {
	attacks := []string{
		"a\n2026-01-01T00:00:00.000Z ERROR forged", "a\r\nb", "a\x1b[2J\x1b[31mred", "a\u202egnp.exe", "a\u2028b", "a\x00b",
		"a\xff\xfeb", "a\u200bb", "a\u0085b", "x level=error", "\ufeffx", "a\tb", "\u2066x\u2069",
	}
	for _, attack := range attacks {
		l, text := newConsoleLogger(t, Options{})
		l.Info(attack, attack, attack, "list", []string{attack}, "err", errors.New(attack))
		got := text()
		if strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\n") {
			t.Errorf("%q forges a line:\n%s", attack, got)
		}
		if !isPrintable(strings.TrimSuffix(got, "\n")) {
			t.Errorf("%q reaches the terminal in %q", attack, got)
		}
	}
}

func TestColor(t *testing.T) {
	l, text := newConsoleLogger(t, Options{Color: ColorAlways})
	l.Error("x", "a", 1)
	if got := text(); !strings.Contains(got, red+"ERROR"+reset) || !strings.Contains(got, dim+"a="+reset+"1") {
		t.Errorf("got %q", got)
	}
	f, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if isTerminal(f) || isTerminal(&bytes.Buffer{}) {
		t.Error("a file or buffer passes for a terminal")
	}
}

func TestSecretsAreMasked(t *testing.T) {
	const canary = "canary-7f3a"
	sink := &memory{}
	l, text := newConsoleLogger(t, Options{Sink: sink})
	l = l.With("db_password", canary, "API-Key", canary)
	l.WithGroup("credentials").Info("a", "user", canary)
	l.Info("b", "Authorization", canary, "dsn", canary, "mariadb.dsn", canary, "access_token", canary, "pwd", canary, "sessionCookie", canary)
	l.Info("c", "value", config.Secret(canary), "struct", struct{ P config.Secret }{canary}, "secret", []byte(canary))
	l.Info("d", "err", errors.New("dial amqp://beds:"+canary+"@host:5672/v: refused"))
	l.Info("e", "err", errors.New("beds:"+canary+"@tcp(127.0.0.1:3306)/beds: refused"), "url", "mongodb://u:"+canary+"@h")
	l.Info("amqp://u:" + canary + "@h is down")
	for _, e := range sink.events {
		if strings.Contains(e.Message, canary) {
			t.Errorf("the sink has %q", e.Message)
		}
	}
	if got := text(); strings.Contains(got, canary) || !strings.Contains(got, "amqp://***@host:5672/v: refused") {
		t.Errorf("the console has\n%s", got)
	}
}

func TestLooksSecret(t *testing.T) {
	for key, want := range map[string]bool{
		"password": true, "X-Auth": true, "a.pwd": true, "passphrase": true, "client_secret": true, "private_key": true,
		"key": false, "author": false, "dsns": false, "event_id": false, "passed": false, "template": false,
	} {
		if got := looksSecret(key); got != want {
			t.Errorf("looksSecret(%q) = %v", key, got)
		}
	}
}

func TestEvent(t *testing.T) {
	sink := &memory{}
	l, closing, err := New(Options{Sink: sink, Service: "app_server", Env: "dev", Node: "n1", Level: slog.LevelDebug})
	if err != nil {
		t.Fatal(err)
	}
	ctx := lineage.With(context.Background(), lineage.Lineage{EventID: "e2", ParentID: "e1", RootID: "e0", Depth: 2})
	before := time.Now()
	l.WarnContext(ctx, "slow\ncall", "resource", "store", "trace", "stack", "took_ms", 12)
	e := sink.events[0]
	if e.Created.Before(before.Add(-time.Millisecond)) || e.Created.Location() != time.UTC {
		t.Errorf("created is %v", e.Created)
	}
	if e.Line == 0 || e.File != "logging/logging_test.go" || e.Method != "logging.TestEvent" {
		t.Errorf("the place is %s:%d, %s", e.File, e.Line, e.Method)
	}
	e.Created, e.Line, e.File, e.Method = time.Time{}, 0, "", ""
	want := Event{
		EventID: "e2", ParentID: "e1", RootID: "e0", Depth: 2, Level: "warn", LevelVal: 4, Resource: "store",
		Service: "app_server", Env: "dev", Node: "n1", Trace: "stack", Message: `slow\ncall took_ms=12`,
	}
	if e != want {
		t.Errorf("got\n%+v\nwant\n%+v", e, want)
	}
	l.InfoContext(Local(ctx), "stays here")
	if len(sink.events) != 1 {
		t.Error("a local event reached the sink")
	}
	if err := closing.Close(); err != nil || !sink.closed {
		t.Errorf("Close = %v, sink closed %v", err, sink.closed)
	}
}

func TestBounds(t *testing.T) {
	sink := &memory{}
	l, _, _ := New(Options{Sink: sink})
	long := strings.Repeat("\u00e9", 1<<20)
	args := []any{long, long, "trace", long}
	for range 1000 {
		args = append(args, "a", 1)
	}
	l.Info(long, args...)
	e := sink.events[0]
	if len(e.Message) > MaxMessageBytes+100 || len(e.Trace) > MaxTraceBytes+100 || !strings.HasSuffix(e.Trace, "more bytes)") {
		t.Errorf("message has %d bytes, trace %d", len(e.Message), len(e.Trace))
	}
}

type panicky struct{}

func (panicky) LogValue() slog.Value { panic("no") }

func TestValuesThatPanic(t *testing.T) {
	l, text := newConsoleLogger(t, Options{})
	var err *os.PathError
	l.Info("x", "v", panicky{}, "err", err)
	if got := text(); !strings.HasPrefix(got, "INFO  x") {
		t.Errorf("got %q", got)
	}
}

func TestNoOutputs(t *testing.T) {
	l, closing, err := New(Options{})
	if err != nil || l.Enabled(context.Background(), slog.LevelError) || closing.Close() != nil {
		t.Errorf("a logger without outputs: %v", err)
	}
}

func TestParseLevel(t *testing.T) {
	for s, want := range map[string]slog.Level{"debug": -4, "info": 0, "warn": 4, "error": 8} {
		if got, err := ParseLevel(s); err != nil || got != want {
			t.Errorf("ParseLevel(%q) = %v, %v", s, got, err)
		}
	}
	if _, err := ParseLevel("warning"); err == nil {
		t.Error("warning is accepted")
	}
}

func BenchmarkConsole(b *testing.B) {
	l, _, _ := New(Options{Console: discardWriter{}})
	ctx := lineage.With(context.Background(), lineage.Lineage{EventID: "e2", ParentID: "e1", RootID: "e0", Depth: 2})
	b.ReportAllocs()
	for b.Loop() {
		l.InfoContext(ctx, "request answered", "template", "order", "took_us", 120)
	}
}

type discardWriter struct{}

func (discardWriter) Write(p []byte) (int, error) { return len(p), nil }
