package cache

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

// TestModel runs random reads and writes on three nodes over one store, two of them
// with a cache, while queues are held up, taken away and bound again. Every read that
// begins after a write was acknowledged must see it or a later state, through any node.
func TestModel(t *testing.T) {
	w, m := new(wire), newMemory()
	m.pause = func() {
		if rand.N(4) == 0 {
			time.Sleep(rand.N(500 * time.Microsecond))
		}
	}
	tmpl := person(t)
	world := &world{t: t, tmpl: tmpl}
	var ends []*end
	for _, caches := range []bool{true, true, false} {
		s, e := w.join(t, m, tmpl, caches)
		world.nodes = append(world.nodes, s)
		ends = append(ends, e)
	}
	const workers = 4
	world.acked = make([]atomic.Int64, 2*workers)
	for i := range world.acked {
		world.ids = append(world.ids, m.insert(fmt.Sprint("start ", i)))
		world.acked[i].Store(1)
	}
	stop := make(chan struct{})
	var wg, faults sync.WaitGroup
	for i := range workers {
		wg.Go(func() { world.work(i, stop) })
	}
	faults.Go(func() { disturb(ends[:2], stop) })
	time.Sleep(5 * time.Second) // of work; nothing is asserted about it
	close(stop)
	wg.Wait()
	faults.Wait()
	hits := world.nodes[0].table.hits.Load() + world.nodes[1].table.hits.Load()
	bypassed := world.nodes[0].table.bypassed.Load() + world.nodes[1].table.bypassed.Load()
	t.Logf("%d writes, %d of them late; %d reads, %d from memory, %d past the cache", world.writes.Load(), world.late.Load(), world.reads.Load(), hits, bypassed)
	if hits == 0 || bypassed == 0 || world.writes.Load() <= world.late.Load() {
		t.Error("the test shows nothing")
	}
}

// A world is the records of all workers. Records 2w and 2w+1 are written by worker w
// alone, so that it knows what is in them; everybody reads them.
type world struct {
	t                   *testing.T
	tmpl                *runtime.Template
	nodes               []*Store
	ids                 []runtime.GUID
	acked               []atomic.Int64 // revisions
	writes, late, reads atomic.Int64
}

func (w *world) node() *Store { return w.nodes[rand.N(len(w.nodes))] }

func (w *world) work(worker int, stop chan struct{}) {
	own := []int{2 * worker, 2*worker + 1}
	addresses := []string{fmt.Sprint("start ", own[0]), fmt.Sprint("start ", own[1]), fmt.Sprint("free ", worker)}
	for {
		select {
		case <-stop:
			return
		default:
		}
		switch rand.N(8) {
		case 0: // move an address: record 0 takes the free one, record 1 the one that became free
			w.write(own[0], email, addresses[2])
			w.write(own[1], email, addresses[0])
			addresses[0], addresses[1], addresses[2] = addresses[2], addresses[0], addresses[1]
		case 1:
			w.write(own[rand.N(2)], name, fmt.Sprint(rand.Uint64()))
		default:
			w.read(rand.N(len(w.ids)))
			w.search(own, addresses)
		}
	}
}

// write changes a record through any node. One that was acknowledged late, because this
// machine was slow, promises nothing until the node has caught up.
func (w *world) write(i, field int, value string) {
	s := w.node()
	before := s.peers.late.Load()
	out, err := s.Update(w.t.Context(), w.tmpl, change(w.ids[i], field, value), false)
	if err != nil || out[0].Code != "" {
		w.t.Error(out, err)
		return
	}
	w.writes.Add(1)
	if s.peers.late.Load() != before {
		w.late.Add(1)
		until(w.t, "the node has caught up", func() bool {
			s.peers.mu.Lock()
			defer s.peers.mu.Unlock()
			return len(s.peers.flights) == 0
		})
	}
	w.acked[i].Store(out[0].Revision)
}

func (w *world) read(i int) {
	s := w.node()
	least := w.acked[i].Load()
	rows, err := s.Get(w.t.Context(), w.tmpl, []runtime.GUID{w.ids[i]})
	w.reads.Add(1)
	if err != nil || len(rows) != 1 || rows[0][runtime.FieldRevision].Int < least {
		w.t.Errorf("record %d: revision %d was acknowledged, read %v %v", i, least, rows, err)
	}
}

// search looks for the worker's own addresses, whose place it knows.
func (w *world) search(own []int, addresses []string) {
	s, n := w.node(), rand.N(len(addresses))
	want := runtime.GUID{}
	if n < len(own) {
		want = w.ids[own[n]]
	}
	w.reads.Add(1)
	if got := find(w.t, s, addresses[n]); got != want {
		w.t.Errorf("%q belongs to %s, found %s", addresses[n], want, got)
	}
}

// disturb holds up feeds and cuts them.
func disturb(ends []*end, stop chan struct{}) {
	pause := func(d time.Duration) bool {
		select {
		case <-stop:
			return false
		case <-time.After(d):
			return true
		}
	}
	for pause(rand.N(6 * testLease)) {
		e := ends[rand.N(len(ends))]
		if rand.N(2) == 0 {
			e.set(func() { e.held = true })
			pause(rand.N(2 * testLease))
			e.set(func() { e.held = false })
			continue
		}
		e.set(func() { e.bound, e.queue = false, nil })
		e.peers.Lost()
		pause(rand.N(2 * testLease))
		e.set(func() { e.bound = true })
	}
}

// FuzzModel plays one node step by step. A read may be split: what it read is kept
// later, after other steps. After each step every read must give what the store has.
func FuzzModel(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0})
	f.Add([]byte{4, 1, 1, 1, 5, 0, 0, 1, 4, 2, 2, 2, 5, 0, 4, 3, 6, 0, 5, 0, 3, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		s, m, tmpl := single(t, Config{Entries: stripeCount, Bytes: 1 << 20}, time.Hour)
		now := int64(1)
		s.cache.clock = func() int64 { return now }
		addresses := []string{"a", "b", "c", "d"}
		ids := []runtime.GUID{m.insert("a"), m.insert("b"), m.insert("c")}
		var begun []func()
		for ; len(steps) >= 2; steps = steps[2:] {
			id := ids[int(steps[1])%len(ids)]
			switch steps[0] % 8 {
			case 0:
				s.Update(t.Context(), tmpl, change(id, name, fmt.Sprint(len(steps))), false) //nolint:errcheck // memory
			case 1:
				s.Update(t.Context(), tmpl, change(id, email, addresses[int(steps[1])/16%len(addresses)]), false) //nolint:errcheck // may be taken
			case 2:
				s.Delete(t.Context(), tmpl, []runtime.Delete{{ID: id}}, false) //nolint:errcheck // memory
				ids = append(ids, m.insert(fmt.Sprint(len(steps))))
			case 3:
				now += int64(steps[1]) * int64(time.Minute)
			case 4:
				moment, began := s.cache.moment.Load(), now
				if row := m.rows[id]; row != nil {
					begun = append(begun, func() { s.cache.put(s.table, row, moment, began) })
				}
			case 5:
				for _, finish := range begun {
					finish()
				}
				begun = nil
			case 6:
				s.cache.Clear()
			}
			compare(t, s, m, ids, addresses)
		}
	})
}

func compare(t *testing.T, s *Store, m *memory, ids []runtime.GUID, addresses []string) {
	t.Helper()
	for _, id := range ids {
		want := ""
		if row := m.rows[id]; row != nil {
			want = row[name].Str
		}
		if got := get(t, s, id); got != want {
			t.Fatalf("read %q, the store has %q", got, want)
		}
	}
	for _, a := range addresses {
		ix, keys := byEmail(s.table.template, a)
		rows, _ := m.Lookup(t.Context(), nil, ix, keys)
		want := runtime.GUID{}
		if len(rows) == 1 {
			want = runtime.GUIDOf(rows[0][runtime.FieldID])
		}
		if got := find(t, s, a); got != want {
			t.Fatalf("%q leads to %s, in the store to %s", a, got, want)
		}
	}
}
