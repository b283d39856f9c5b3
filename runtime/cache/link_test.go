package cache

import (
	"log/slog"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

// connect adds a node that is linked through RabbitMQ at an address.
func connect(t testing.TB, m *memory, tmpl *runtime.Template, address, exchange string) (*Store, *Link) {
	t.Helper()
	c := New(ample)
	p := NewPeers(c, true)
	s := Wrap(m, tmpl, time.Hour, c, p)
	l, err := Connect(session.Config{URLs: []string{address}, Name: t.Name(), Logger: slog.New(slog.DiscardHandler)}, exchange, exchange+".", p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close(sessiontest.Context(t)) })
	return s, l
}

// TestLink links two nodes through the real broker and breaks the link of one of them.
func TestLink(t *testing.T) {
	address, exchange := sessiontest.URL(t), sessiontest.Name("beds.test.cache")
	broker := sessiontest.Channel(t)
	t.Cleanup(func() { broker.ExchangeDelete(exchange, false, false) }) //nolint:errcheck // nobody uses it any more
	proxy := sessiontest.NewProxy(t, address)
	m, tmpl := newMemory(), person(t)
	a, _ := connect(t, m, tmpl, address, exchange)
	b, _ := connect(t, m, tmpl, sessiontest.Through(t, address, proxy), exchange)
	bothServe := func() bool {
		return a.serves() && b.serves() && a.peers.Stats().Members == 1 && b.peers.Stats().Members == 1
	}
	id := m.insert("ada@example.com")
	write := func(value string) {
		t.Helper()
		if _, err := a.Update(t.Context(), tmpl, change(id, name, value), false); err != nil {
			t.Fatal(err)
		}
		if got := get(t, b, id); got != value {
			t.Errorf("the other node reads %q, %q was acknowledged", got, value)
		}
		get(t, b, id)
	}
	for _, fault := range []struct {
		name       string
		begin, end func()
	}{
		{"nothing", func() {}, func() {}},
		{"connection reset", proxy.Kill, func() {}},
		{"broker out of reach", func() { proxy.Refuse(true); proxy.Kill() }, func() { proxy.Refuse(false) }},
		{"link frozen", proxy.Freeze, proxy.Thaw},
		{"exchange deleted", func() {
			if err := broker.ExchangeDelete(exchange, false, false); err != nil {
				t.Error(err)
			}
		}, func() {}},
	} {
		until(t, "both nodes serve before the fault: "+fault.name, bothServe)
		hits := b.table.hits.Load()
		write("before " + fault.name)
		if b.table.hits.Load() == hits {
			t.Errorf("%s: nothing was read from memory", fault.name)
		}
		fault.begin()
		write("during " + fault.name)
		fault.end()
		write("after " + fault.name)
	}
	until(t, "both nodes serve in the end", bothServe)
}

// What is published under the key of events by anybody reaches every node.
func TestForeignEvent(t *testing.T) {
	address, exchange := sessiontest.URL(t), sessiontest.Name("beds.test.cache")
	broker := sessiontest.Channel(t)
	t.Cleanup(func() { broker.ExchangeDelete(exchange, false, false) }) //nolint:errcheck // nobody uses it any more
	m, tmpl := newMemory(), person(t)
	s, _ := connect(t, m, tmpl, address, exchange)
	until(t, "the node serves", s.serves)
	id := m.insert("ada@example.com")
	get(t, s, id)
	body := `{"v":1,"kind":"event","from":"01890000-0000-7000-8000-000000000000","seq":1,"template":"person","ids":["` + id.String() + `"]}`
	if err := broker.PublishWithContext(t.Context(), exchange, "adm.cache.person", false, false, amqp.Publishing{Body: []byte(body)}); err != nil {
		t.Fatal(err)
	}
	until(t, "the record is forgotten", func() bool { return s.cache.Stats().Entries == 0 })
}

// BenchmarkAnnounce is what a change costs that another node has to hear of.
func BenchmarkAnnounce(b *testing.B) {
	address, exchange := sessiontest.URL(b), sessiontest.Name("beds.test.cache")
	broker := sessiontest.Channel(b)
	b.Cleanup(func() { broker.ExchangeDelete(exchange, false, false) }) //nolint:errcheck // nobody uses it any more
	m, tmpl := newMemory(), person(b)
	s, _ := connect(b, m, tmpl, address, exchange)
	other, _ := connect(b, m, tmpl, address, exchange)
	until(b, "both serve", func() bool { return s.serves() && other.serves() && s.peers.isSettled(s.cache.clock()) })
	ids := []runtime.GUID{{1}}
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			s.peers.Announce(b.Context(), "person", ids)
		}
	})
	b.Run("64 at once", func(b *testing.B) {
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				s.peers.Announce(b.Context(), "person", ids)
			}
		})
		b.ReportMetric(float64(s.peers.Stats().Announced), "messages")
	})
}
