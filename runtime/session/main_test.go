package session_test

import (
	"io"
	"log/slog"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// open returns a connection by way of address that the test's end closes.
func open(t testing.TB, address string, edit ...func(*session.Config)) *session.Conn {
	t.Helper()
	cfg := session.Config{
		URLs: []string{address}, Name: t.Name(), Logger: quiet,
		BackoffMin: 5 * time.Millisecond, BackoffMax: 50 * time.Millisecond,
	}
	for _, e := range edit {
		e(&cfg)
	}
	c, err := session.Open(sessiontest.Context(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(sessiontest.Context(t)) })
	return c
}

func live(t testing.TB, c *session.Conn) *session.Session {
	t.Helper()
	s, err := c.Session(sessiontest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}
