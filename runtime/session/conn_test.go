package session_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestReconnectMakesFreshSessions(t *testing.T) {
	address := sessiontest.URL(t)
	proxy := sessiontest.NewProxy(t, address)
	var mu sync.Mutex
	var states []session.State
	c := open(t, sessiontest.Through(t, address, proxy), func(cfg *session.Config) {
		cfg.OnState = func(s session.State) { mu.Lock(); states = append(states, s); mu.Unlock() }
	})
	first := live(t, c)
	ch, err := first.Channel()
	if err != nil {
		t.Fatal(err)
	}
	proxy.Kill()
	<-first.Done()
	if first.Err() == nil {
		t.Error("a lost session has no error")
	}
	second := live(t, c)
	if second.ID() != first.ID()+1 {
		t.Errorf("session %d after %d", second.ID(), first.ID())
	}
	if err := ch.Ack(1, false); err == nil {
		t.Error("a channel of a lost session still acknowledges")
	}
	if _, err := second.Channel(); err != nil {
		t.Errorf("the new session: %v", err)
	}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Contains(states, session.Down) || states[len(states)-1] != session.Up {
		t.Errorf("states %v", states)
	}
	if st := c.Stats(); st.Sessions != 2 || st.Lost != 1 || st.State != session.Up {
		t.Errorf("stats %+v", st)
	}
}

func TestSeveralURLs(t *testing.T) {
	address := sessiontest.URL(t)
	dead := sessiontest.NewProxy(t, address)
	dead.Refuse(true)
	c := open(t, sessiontest.Through(t, address, dead), func(cfg *session.Config) { cfg.URLs = append(cfg.URLs, address) })
	live(t, c)
	if st := c.Stats(); st.Attempts != 2 {
		t.Errorf("%d attempts, want 2", st.Attempts)
	}
}

func TestWatchdogEndsASilentSession(t *testing.T) {
	address := sessiontest.URL(t)
	proxy := sessiontest.NewProxy(t, address)
	c := open(t, sessiontest.Through(t, address, proxy), func(cfg *session.Config) { cfg.Heartbeat = time.Second })
	s := live(t, c)
	proxy.Freeze()
	select {
	case <-s.Done():
	case <-time.After(8 * time.Second):
		t.Fatal("a half-open connection was not noticed")
	}
	proxy.Thaw()
	live(t, c)
}

func TestFailEndsTheSession(t *testing.T) {
	c := open(t, sessiontest.URL(t))
	s := live(t, c)
	why := errors.New("unusable")
	s.Fail(why)
	<-s.Done()
	if !errors.Is(s.Err(), why) {
		t.Errorf("error %v", s.Err())
	}
	live(t, c)
}

func TestProbeNamesUserAndHostButNoPassword(t *testing.T) {
	bad := sessiontest.Refused(t, "nobody", "canary-secret")
	err := session.Probe(sessiontest.Context(t), session.Config{URLs: []string{bad}, Logger: quiet})
	var refused *session.AuthError
	if !errors.As(err, &refused) || refused.User != "nobody" || !strings.Contains(bad, "@"+refused.Host) {
		t.Fatalf("error %v", err)
	}
	if strings.Contains(err.Error(), "canary-secret") {
		t.Error("the error contains the password")
	}
	if err := session.Probe(sessiontest.Context(t), session.Config{URLs: []string{sessiontest.URL(t)}}); err != nil {
		t.Error(err)
	}
}

func TestValidateQuotesNoURL(t *testing.T) {
	for _, bad := range []string{"amqp://u:canary-secret@host:port/", "http://u:canary-secret@h/", "amqp://u:canary-secret%zz@h/"} {
		_, err := session.Open(context.Background(), session.Config{URLs: []string{bad}})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("error %v", err)
		}
	}
	if _, err := session.Open(context.Background(), session.Config{}); err == nil {
		t.Error("no URL is no error")
	}
}

func TestCloseIsBoundedOnAHungBroker(t *testing.T) {
	address := sessiontest.URL(t)
	proxy := sessiontest.NewProxy(t, address)
	c := open(t, sessiontest.Through(t, address, proxy))
	live(t, c)
	proxy.Freeze()
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := c.Close(ctx)
	if took := time.Since(began); took > 3*time.Second || err == nil {
		t.Errorf("Close took %v and returned %v", took, err)
	}
	if _, err := c.Session(context.Background()); !errors.Is(err, session.ErrClosed) {
		t.Errorf("a session of a closed connection: %v", err)
	}
	if err := c.Close(context.Background()); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestBackoffGrowsToItsBound(t *testing.T) {
	b := session.Backoff{Min: 10 * time.Millisecond, Max: 80 * time.Millisecond}
	for i, bound := range []time.Duration{10, 20, 40, 80, 80, 80} {
		if pause := b.Next(); pause < 0 || pause >= bound*time.Millisecond {
			t.Errorf("pause %d is %v, not below %d ms", i, pause, bound)
		}
	}
	for range 100 {
		if pause := b.Next(); pause >= 80*time.Millisecond {
			t.Errorf("pause %v", pause)
		}
	}
}
