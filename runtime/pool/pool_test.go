package pool

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/session/sessiontest"
)

func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	w.start(2, 16, echo)
	c := w.client()
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			want := fmt.Sprintf(`{"n":%d}`, i)
			got, err := c.Roundtrip(w.ctx, w.key, client.Publishing{Type: "ping", MessageID: sessiontest.Name("m"), Body: []byte(want)})
			if err != nil || string(got) != want {
				t.Errorf("got %q, %v; want %q", got, err, want)
			}
		})
	}
	wg.Wait()
	sessiontest.Eventually(t, "all acknowledged", func() bool { return w.stats().InFlight == 0 })
	if st := w.stats(); st.Delivered != 200 || st.Replied != 200 || st.Done != 200 {
		t.Errorf("counters %+v", st)
	}
}

func TestNewRefusesMistakes(t *testing.T) {
	w := newWorld(t)
	_, err := New(w.cfg, []Broker{{Name: "rBroker", Queues: []string{"q", "q"}, Prefetch: 0}, {Name: "rBroker", Queues: []string{"q"}, Prefetch: 70000, Handler: echo}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"prefetch 0", "twice", "no handler", "prefetch 70000", "two brokers"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not mention %q", err, want)
		}
	}
}
