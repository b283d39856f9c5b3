package cache

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

// A wire is an exchange with a queue for each node. What is published lies in the queues
// when publish returns, as RabbitMQ's confirmation says.
type wire struct {
	mu    sync.Mutex
	ends  []*end
	stuck bool // nothing can be published
}

// An end is one node's queue and the goroutine that reads it.
type end struct {
	peers *Peers
	mu    sync.Mutex
	queue []delivery
	bound bool
	held  bool // the node does not read
	more  *sync.Cond
	gone  bool
}

type delivery struct {
	key  string
	body []byte
}

func (w *wire) publish(_ context.Context, key string, body []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stuck {
		return errors.New("stuck")
	}
	for _, e := range w.ends {
		if to, isAck := strings.CutPrefix(key, ackKey); isAck && to != e.peers.self.String() {
			continue
		}
		e.mu.Lock()
		if e.bound {
			e.queue = append(e.queue, delivery{key, body})
			e.more.Signal()
		}
		e.mu.Unlock()
	}
	return nil
}

func (w *wire) stick(stuck bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stuck = stuck
}

func (e *end) set(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
	e.more.Broadcast()
}

func (e *end) left() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gone
}

// read handles the queue until the end is gone.
func (e *end) read(w *wire) {
	for {
		e.mu.Lock()
		for !e.gone && (e.held || len(e.queue) == 0) {
			e.more.Wait()
		}
		if e.gone {
			e.mu.Unlock()
			return
		}
		d := e.queue[0]
		e.queue = e.queue[1:]
		e.mu.Unlock()
		if key, answer := e.peers.receive(d.body); answer != nil {
			w.publish(context.Background(), key, answer) //nolint:errcheck // lost
		}
	}
}

// testLease keeps the tests short. Nothing that they assert depends on how long it is.
const testLease = 100 * time.Millisecond

// join adds a node over a store.
func (w *wire) join(t testing.TB, s runtime.Store, tmpl *runtime.Template, caches bool) (*Store, *end) {
	c := New(ample)
	p := NewPeers(c, caches)
	p.lease, p.publish = testLease, w.publish
	e := &end{peers: p, bound: true}
	e.more = sync.NewCond(&e.mu)
	life := time.Hour
	if !caches {
		life = 0
	}
	store := Wrap(s, tmpl, life, c, p)
	w.mu.Lock()
	w.ends = append(w.ends, e)
	w.mu.Unlock()
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() { e.read(w) })
	wg.Go(func() {
		tick := time.NewTicker(p.lease / beats)
		defer tick.Stop()
		for !e.left() {
			w.publish(context.Background(), beatKey, p.beat()) //nolint:errcheck // lost
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	t.Cleanup(func() {
		close(stop)
		e.set(func() { e.gone = true })
		wg.Wait()
		p.Close()
	})
	return store, e
}

// until waits for a condition.
func until(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

func (s *Store) serves() bool { return s.peers.Serving(s.cache.clock()) }

// pair is two nodes over one store that serve and know each other.
func pair(t testing.TB) (w *wire, m *memory, a, b *Store, eb *end) {
	w, m = new(wire), newMemory()
	tmpl := person(t)
	a, _ = w.join(t, m, tmpl, true)
	b, eb = w.join(t, m, tmpl, true)
	until(t, "both serve and are settled", func() bool {
		return a.serves() && b.serves() && a.peers.isSettled(a.cache.clock()) && b.peers.isSettled(b.cache.clock())
	})
	return w, m, a, b, eb
}

func TestWriteIsSeenOnTheOtherNode(t *testing.T) {
	_, m, a, b, _ := pair(t)
	tmpl := a.table.template
	id := m.insert("ada@example.com")
	m.reads = 0
	until(t, "b reads from memory", func() bool { before := m.reads; get(t, b, id); return m.reads == before })
	a.Update(t.Context(), tmpl, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if got := get(t, b, id); got != "Ada King" {
		t.Errorf("the other node reads %q", got)
	}
	a.Delete(t.Context(), tmpl, []runtime.Delete{{ID: id}}, false) //nolint:errcheck // memory
	if get(t, b, id) != "" || find(t, b, "ada@example.com") != (runtime.GUID{}) {
		t.Error("the other node reads a deleted record")
	}
	if st := a.peers.Stats(); st.Announced != 2 || st.Members != 1 {
		t.Errorf("%+v", st)
	}
}

// A node that does not read its feed serves nothing from memory by the time that the
// writer stops waiting for it, and begins again with an empty cache.
func TestNodeThatDoesNotHear(t *testing.T) {
	_, m, a, b, eb := pair(t)
	id := m.insert("ada@example.com")
	for range 3 {
		get(t, b, id)
	}
	eb.set(func() { eb.held = true })
	a.Update(t.Context(), a.table.template, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if got := get(t, b, id); got != "Ada King" {
		t.Errorf("the deaf node reads %q", got)
	}
	if b.serves() || b.table.bypassed.Load() == 0 {
		t.Error("the deaf node answers from memory")
	}
	eb.set(func() { eb.held = false })
	until(t, "the node serves again", b.serves)
	if got := get(t, b, id); got != "Ada King" {
		t.Errorf("the node that hears again reads %q", got)
	}
}

// What a node missed while its queue was gone is not in its cache afterwards.
func TestNodeWithoutAQueue(t *testing.T) {
	_, m, a, b, eb := pair(t)
	id := m.insert("ada@example.com")
	get(t, b, id)
	eb.set(func() { eb.bound, eb.queue = false, nil })
	b.peers.Lost()
	before := b.table.bypassed.Load()
	get(t, b, id)
	if b.table.bypassed.Load() != before+1 {
		t.Error("a read of a node without a feed was not passed to the store")
	}
	a.Update(t.Context(), a.table.template, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	eb.set(func() { eb.bound = true })
	until(t, "the node serves again", b.serves)
	if got := get(t, b, id); got != "Ada King" {
		t.Errorf("the node reads %q", got)
	}
}

// A node alone tells nobody, and one that has left is not waited for.
func TestAloneAndLeft(t *testing.T) {
	w, m, a, b, eb := pair(t)
	id := m.insert("ada@example.com")
	b.peers.Leave(func(key string, body []byte) {
		eb.set(func() { eb.gone = true })
		w.publish(t.Context(), key, body) //nolint:errcheck // never stuck here
	})
	until(t, "the member is gone", func() bool { return a.peers.Stats().Members == 0 })
	a.Update(t.Context(), a.table.template, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if st := a.peers.Stats(); st.Announced != 0 || st.Late != 0 {
		t.Errorf("alone: %+v", st)
	}
	a.peers.Lost()                                                          // from here on somebody may be unknown
	a.Update(t.Context(), a.table.template, change(id, name, "Ada"), false) //nolint:errcheck // memory
	if st := a.peers.Stats(); st.Announced != 1 {
		t.Errorf("after a loss of the lease: %+v", st)
	}
}

// Nobody waits for a node that only tells of its writes, and it tells.
func TestNodeThatKeepsNothing(t *testing.T) {
	w, m := new(wire), newMemory()
	tmpl := person(t)
	a, _ := w.join(t, m, tmpl, false)
	b, _ := w.join(t, m, tmpl, true)
	until(t, "b serves", b.serves)
	id := m.insert("ada@example.com")
	get(t, b, id)
	a.Update(t.Context(), tmpl, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if got := get(t, b, id); got != "Ada King" || a.serves() || b.peers.Stats().Members != 0 {
		t.Errorf("b reads %q; a serves: %v", got, a.serves())
	}
}

// A write whose message cannot be sent is acknowledged all the same, in time; the
// message goes out later, and as one for the whole template when there are many.
func TestStuckPublishing(t *testing.T) {
	w, m, a, b, _ := pair(t)
	id := m.insert("ada@example.com")
	get(t, b, id)
	w.stick(true)
	ctx, cancel := context.WithTimeout(t.Context(), testLease/2)
	defer cancel()
	a.Update(ctx, a.table.template, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if ctx.Err() != nil || a.peers.Stats().Late != 1 {
		t.Errorf("the deadline is %v, %+v", ctx.Err(), a.peers.Stats())
	}
	brief, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	for range 3 {
		a.peers.Announce(brief, "person", make([]runtime.GUID, maxIDs))
	}
	a.peers.mu.Lock()
	if next := a.peers.lanes["person"].next; next == nil || !next.all || next.ids != nil {
		t.Errorf("what waits is not bounded: %+v", next)
	}
	a.peers.mu.Unlock()
	w.stick(false)
	until(t, "all is told", func() bool {
		a.peers.mu.Lock()
		defer a.peers.mu.Unlock()
		return len(a.peers.flights) == 0 && !a.peers.lanes["person"].flying
	})
	if got := get(t, b, id); got != "Ada King" {
		t.Errorf("the other node reads %q", got)
	}
}

// What a node does not understand makes it forget everything.
func TestOddMessages(t *testing.T) {
	s, m, _ := single(t, ample, time.Hour)
	id := m.insert("ada@example.com")
	for _, body := range []string{`{"v":2,"kind":"event"}`, `{`, `{"v":1,"kind":"event","ids":["x"]}`, strings.Repeat(" ", maxMessage+1)} {
		get(t, s, id)
		m.reads = 0
		if _, answer := s.peers.receive([]byte(body)); answer != nil {
			t.Errorf("%.20s is answered", body)
		}
		get(t, s, id)
		m.expect(t, "after an odd message", 1)
	}
	if st := s.peers.Stats(); st.Odd != 4 {
		t.Errorf("%+v", st)
	}
}

// Beats of others do not fill the node's memory, and beats that claim to come from the
// future give no lease.
func TestForgedBeats(t *testing.T) {
	s, _, _ := single(t, ample, time.Hour)
	for range 3 * maxMembers {
		p := NewPeers(s.cache, true)
		p.stop()
		s.peers.receive(p.beat())
	}
	if st := s.peers.Stats(); st.Members > maxMembers {
		t.Errorf("%d members", st.Members)
	}
	s.peers.Lost()
	s.peers.returned(s.cache.clock() + int64(time.Hour))
	if s.peers.hasLease() {
		t.Error("a beat that was not sent yet gives a lease")
	}
}

// What changes while a message is being confirmed goes into the next one together.
func TestChangesAreGathered(t *testing.T) {
	_, m, a, _, _ := pair(t)
	id := m.insert("ada@example.com")
	publish, gate := a.peers.publish, make(chan struct{})
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open)
	a.peers.publish = func(ctx context.Context, key string, body []byte) error {
		<-gate
		return publish(ctx, key, body)
	}
	var wg sync.WaitGroup
	const changes = 100
	for range changes {
		wg.Go(func() { a.peers.Announce(t.Context(), "person", []runtime.GUID{id}) })
	}
	until(t, "all are in the first message or the next", func() bool {
		a.peers.mu.Lock()
		defer a.peers.mu.Unlock()
		n := 0
		for _, f := range a.peers.flights {
			n += len(f.ids)
		}
		if l := a.peers.lanes["person"]; l != nil && l.next != nil {
			n += len(l.next.ids)
		}
		return n == changes
	})
	open()
	wg.Wait()
	if n := a.peers.seq; n > 2 {
		t.Errorf("%d messages", n)
	}
}

// TestLease follows the clock: what a node may do when its beats come back, and when
// they do not any more.
func TestLease(t *testing.T) {
	s, _, _ := single(t, ample, time.Hour)
	p := s.peers
	p.Lost()
	now := int64(time.Hour)
	p.clock = func() int64 { return now }
	const part = int64(Lease) / beats
	for i := range int64(3 * beats) {
		if got, want := p.Serving(now), i >= beats; got != want {
			t.Errorf("%d quarters of a lease after the first beat: serving %v", i, got)
		}
		if got, want := p.isSettled(now), i >= 2*beats; got != want {
			t.Errorf("%d quarters of a lease after the first beat: settled %v", i, got)
		}
		p.returned(now)
		now += part
	}
	moment := s.cache.moment.Load()
	for range beats - 1 {
		if !p.Serving(now - 1) {
			t.Error("the lease ends early")
		}
		now += part
	}
	if p.Serving(now) || p.isSettled(now) {
		t.Error("the lease does not end")
	}
	p.returned(now - int64(Lease)) // too late
	if p.hasLease() {
		t.Error("a beat that took a lease to come back gives another")
	}
	p.returned(now - part)
	if p.Serving(now) || !p.hasLease() || s.cache.moment.Load() == moment {
		t.Error("a node that lost its lease does not begin anew")
	}
}
