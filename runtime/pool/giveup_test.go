package pool

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func (w *world) letters() DeadLetters { return DeadLetters{Session: w.cfg.Session, Queue: w.queue} }

// dead waits for n dead letters and returns them.
func (w *world) dead(n int) []DeadLetter {
	w.Helper()
	sessiontest.Eventually(w, "dead letters", func() bool { return w.depth(session.DeadLetterQueue(w.queue)) == n })
	list, total, err := w.letters().List(w.ctx, 100)
	if err != nil || total != n || len(list) != n {
		w.Fatalf("listed %d of %d dead letters: %v", len(list), total, err)
	}
	return list
}

func TestRetryGrowsAndComesBack(t *testing.T) {
	w := newWorld(t, 100*time.Millisecond, 300*time.Millisecond)
	var mu sync.Mutex
	var at []time.Time
	var seen []Delivery
	w.start(1, 4, func(_ context.Context, d *Delivery) Result {
		mu.Lock()
		defer mu.Unlock()
		at, seen = append(at, time.Now()), append(seen, *d)
		if len(at) < 4 {
			return Result{Verdict: Retry, Code: "dependency", Reply: []byte("too early")}
		}
		return Result{Reply: []byte("at last")}
	})
	body, err := w.client().Roundtrip(w.ctx, w.key, client.Publishing{Type: "fetch", MessageID: "m1", Body: []byte("{}")})
	if err != nil || string(body) != "at last" {
		t.Fatalf("%q, %v", body, err)
	}
	mu.Lock()
	defer mu.Unlock()
	for i, least := range []time.Duration{100, 300, 300} {
		if gap := at[i+1].Sub(at[i]); gap < least*time.Millisecond {
			t.Errorf("attempt %d came %v after the one before", i+2, gap)
		}
	}
	for i, d := range seen {
		if d.Attempt != i+1 || d.RoutingKey != w.key || d.Operation != "fetch" || d.Queue != w.queue || d.Headers != nil {
			t.Errorf("attempt %d: %+v", i+1, d)
		}
		if !d.First.Equal(seen[0].First.UTC()) && i > 0 && d.First.Sub(seen[0].First).Abs() > time.Millisecond {
			t.Errorf("attempt %d has first seen %v, not %v", i+1, d.First, seen[0].First)
		}
		if d.Deadline.Sub(seen[0].Deadline).Abs() > time.Second {
			t.Errorf("attempt %d has deadline %v, not %v", i+1, d.Deadline, seen[0].Deadline)
		}
	}
}

func TestRetriesEndInQuarantineWithItsHistory(t *testing.T) {
	w := newWorld(t, 10*time.Millisecond)
	w.cfg.MaxAttempts = 3
	w.start(1, 4, func(context.Context, *Delivery) Result {
		return Result{Verdict: Retry, Code: "dependency", Reason: "the store is away", Template: "example", Reply: []byte("sorry")}
	})
	body, err := w.client().Roundtrip(w.ctx, w.key, client.Publishing{Type: "write", MessageID: "m1", UserID: sessiontest.User(t), Body: []byte(`{"a":1}`)})
	if err != nil || string(body) != "sorry" {
		t.Errorf("%q, %v", body, err)
	}
	d := w.dead(1)[0]
	if d.MessageID != "m1" || d.Attempts != 3 || d.Code != "dependency" || d.Reason != "the store is away" || d.Template != "example" ||
		d.Node != "node-1" || d.Queue != w.queue || d.RoutingKey != w.key || d.Operation != "write" || d.UserID != sessiontest.User(t) ||
		d.First.IsZero() || d.Last.Before(d.First) || d.Size != 7 {
		t.Errorf("dead letter %+v", d)
	}
	if st := w.stats(); st.Retried != 2 || st.Quarantined != 1 {
		t.Errorf("counters %+v", st)
	}
}

func TestRetryIsPointlessWhenTheCallerWillBeGone(t *testing.T) {
	w := newWorld(t, time.Minute)
	w.start(1, 1, func(context.Context, *Delivery) Result { return Result{Verdict: Retry, Reply: []byte("try again")} })
	body, err := w.client().Roundtrip(w.ctx, w.key, client.Publishing{})
	if err != nil || string(body) != "try again" {
		t.Errorf("%q, %v", body, err)
	}
	if st := w.stats(); st.Retried != 0 || st.Expired != 1 {
		t.Errorf("counters %+v", st)
	}
}

func TestCrashesAreContained(t *testing.T) {
	w := newWorld(t)
	w.cfg.Crashed = func(*Delivery) []byte { return []byte("internal") }
	w.start(1, 1, func(_ context.Context, d *Delivery) Result {
		switch string(d.Body) {
		case "panic":
			panic("canary-secret")
		case "index":
			return Result{Reply: d.Body[99:]}
		case "exit":
			runtime.Goexit()
		}
		return Result{Reply: d.Body}
	})
	c := w.client()
	for _, body := range []string{"panic", "fine", "index", "fine", "exit", "fine", "panic", "fine"} {
		want := "internal"
		if body == "fine" {
			want = body
		}
		got, err := c.Roundtrip(w.ctx, w.key, client.Publishing{MessageID: body, Body: []byte(body)})
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v", body, got, err)
		}
	}
	hashes := map[string]string{}
	for _, d := range w.dead(4) {
		if d.Code != CodePanic || d.StackHash == "" || strings.Contains(d.Reason, "canary") {
			t.Errorf("dead letter %+v", d)
		}
		if old, ok := hashes[d.MessageID]; ok && old != d.StackHash {
			t.Errorf("the same crash has two hashes, %s and %s", old, d.StackHash)
		}
		hashes[d.MessageID] = d.StackHash
	}
	if hashes["panic"] == hashes["index"] {
		t.Error("two crashes have one hash")
	}
	if st := w.stats(); st.Panics != 4 || st.Redelivered != 0 {
		t.Errorf("counters %+v", st)
	}
}

func TestReplyAddressesAreRestricted(t *testing.T) {
	w := newWorld(t)
	ran := make(chan string, 10)
	w.start(1, 4, func(_ context.Context, d *Delivery) Result { ran <- d.ReplyTo; return Result{Reply: []byte("r")} })
	ch := sessiontest.Channel(t)
	own := sessiontest.Name(DefaultReplyPrefix + "test")
	if _, err := ch.QueueDeclare(own, false, true, true, false, nil); err != nil {
		t.Fatal(err)
	}
	alien := directReplyTo + tokenFor("\x83Xv\x00\x07reply@1") // well-formed, of no node of this cluster
	for _, to := range []string{w.queue, DefaultReplyPrefix, directReplyTo, directReplyTo + "a b", "amq.gen-x", directReplyTo + "garbage", alien} {
		if err := ch.PublishWithContext(w.ctx, w.topo.Exchange, w.key, false, false, amqp.Publishing{ReplyTo: to, MessageId: to}); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range w.dead(7) {
		if d.Code != CodeBadReplyTo {
			t.Errorf("dead letter %+v", d)
		}
	}
	if len(ran) != 0 {
		t.Error("a handler ran")
	}
	// Well-formed but dead addresses must harm nobody.
	for _, to := range []string{w.deadDirectAddress(ch), DefaultReplyPrefix + "gone", own} {
		if err := ch.PublishWithContext(w.ctx, w.topo.Exchange, w.key, false, false, amqp.Publishing{ReplyTo: to, MessageId: "id-1"}); err != nil {
			t.Fatal(err)
		}
	}
	sessiontest.Eventually(t, "the reply is in the named queue", func() bool {
		m, ok, err := ch.Get(own, true)
		return err == nil && ok && m.CorrelationId == "id-1" && m.Type == "reply" && m.ContentType == "application/json" && m.DeliveryMode == amqp.Transient
	})
	if w.pool.Stats().Publish.Sessions != 1 {
		t.Error("an address broke the publishing session")
	}
}

// deadDirectAddress returns the reply address of a channel that has gone.
func (w *world) deadDirectAddress(ch *amqp.Channel) string {
	w.Helper()
	c := sessiontest.Channel(w)
	if _, err := c.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil); err != nil {
		w.Fatal(err)
	}
	q, err := ch.QueueDeclare("", false, true, true, false, nil)
	if err != nil {
		w.Fatal(err)
	}
	if err := c.PublishWithContext(w.ctx, "", q.Name, false, false, amqp.Publishing{ReplyTo: "amq.rabbitmq.reply-to"}); err != nil {
		w.Fatal(err)
	}
	var to string
	sessiontest.Eventually(w, "the broker has made an address", func() bool {
		m, ok, err := ch.Get(q.Name, true)
		to = m.ReplyTo
		return ok && err == nil
	})
	if err := c.Close(); err != nil {
		w.Fatal(err)
	}
	return to
}

func TestExpiredIsNotRun(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	var ran []string
	w.start(1, 1, func(_ context.Context, d *Delivery) Result {
		ran = append(ran, d.MessageID)
		if d.MessageID == "late" && d.Attempt == 1 {
			return Result{Verdict: Retry}
		}
		<-hold
		return Result{}
	})
	close(hold)
	ch := sessiontest.Channel(t)
	publish := func(p amqp.Publishing) {
		if err := ch.PublishWithContext(w.ctx, w.topo.Exchange, w.key, false, false, p); err != nil {
			t.Fatal(err)
		}
	}
	publish(amqp.Publishing{MessageId: "now", Expiration: "0"}) // the consumer is free, so the broker hands it over
	publish(amqp.Publishing{MessageId: "forged", Headers: amqp.Table{HeaderDeadline: "2001-01-01T00:00:00Z"}, UserId: sessiontest.User(t)})
	sessiontest.Eventually(t, "two expired", func() bool { return w.stats().Expired+w.stats().Done >= 3 || w.stats().Expired == 2 })
	if len(ran) != 0 {
		t.Errorf("ran %v", ran)
	}
}

// Whoever still listens hears that the deadline passed; the handler does not run.
func TestExpiredIsAnswered(t *testing.T) {
	w := newWorld(t)
	w.cfg.Expired = func(*Delivery) Result { return Result{Reply: []byte("too late")} }
	w.start(1, 4, func(context.Context, *Delivery) Result {
		t.Error("the handler ran")
		return Result{}
	})
	ch := sessiontest.Channel(t)
	replies, err := ch.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The consumer is free, so the broker hands over even what is due at once.
	err = ch.PublishWithContext(w.ctx, w.topo.Exchange, w.key, false, false, amqp.Publishing{
		MessageId: "late", ReplyTo: "amq.rabbitmq.reply-to", Expiration: "0", Body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	select {
	case d := <-replies:
		if string(d.Body) != "too late" {
			t.Errorf("answered %q", d.Body)
		}
	case <-time.After(10 * time.Second):
		t.Error("no answer")
	}
}

func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	w.cfg.MaxBody = 1000
	w.cfg.TooLarge = func(d *Delivery) Result {
		if d.Body != nil || d.Size != 1001 {
			t.Errorf("body %d, size %d", len(d.Body), d.Size)
		}
		return Result{Reply: []byte("too large")}
	}
	w.start(1, 1, echo)
	c := w.client()
	for size, want := range map[int]string{1000: strings.Repeat("x", 1000), 1001: "too large"} {
		got, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Body: []byte(strings.Repeat("x", size))})
		if err != nil || string(got) != want {
			t.Errorf("%d bytes: %.20q, %v", size, got, err)
		}
	}
}

func TestDeadLettersListShowReplayPurge(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	broken := true
	fixed := make(chan Delivery, 10)
	w.start(1, 2, func(_ context.Context, d *Delivery) Result {
		mu.Lock()
		defer mu.Unlock()
		if broken {
			return Result{Verdict: Quarantine, Code: "conflict", Reason: strings.Repeat("é", 2000)}
		}
		fixed <- *d
		return Result{}
	})
	c := w.client()
	for _, id := range []string{"a", "b", "c", "d"} {
		if err := c.Publish(w.ctx, w.key, client.Publishing{Type: "write", MessageID: id, UserID: sessiontest.User(t), Persistent: true, Body: []byte(id)}); err != nil {
			t.Fatal(err)
		}
	}
	w.dead(4)
	w.dead(4) // looking changes nothing
	box := w.letters()
	d, err := box.Show(w.ctx, "b")
	if err != nil || string(d.Body) != "b" || len(d.Reason) > maxHeaderText+4 {
		t.Fatalf("%+v, %v", d, err)
	}
	if _, err := box.Show(w.ctx, "nobody"); !errors.Is(err, ErrNoDeadLetter) {
		t.Errorf("error %v", err)
	}
	if n, err := box.Replay(w.ctx, Selector{}); n != 0 || err != nil {
		t.Errorf("an empty selector replayed %d, %v", n, err)
	}
	// Replayed while still broken, messages come back and are not replayed again.
	if n, err := box.Replay(w.ctx, Selector{All: true, Limit: 2}); n != 2 || err != nil {
		t.Errorf("replayed %d, %v", n, err)
	}
	w.dead(4)
	mu.Lock()
	broken = false
	mu.Unlock()
	if n, err := box.Replay(w.ctx, Selector{MessageIDs: []string{"b"}}); n != 1 || err != nil {
		t.Errorf("replayed %d, %v", n, err)
	}
	got := <-fixed
	if got.MessageID != "b" || got.RoutingKey != w.key || got.UserID != sessiontest.User(t) || got.Attempt != 1 || string(got.Body) != "b" {
		t.Errorf("replayed as %+v", got)
	}
	if n, err := box.Purge(w.ctx, Selector{Code: "conflict", Limit: 2}); n != 2 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	w.dead(1)
}
