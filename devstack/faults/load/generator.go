package load

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/devstack/faults/journal"
)

// Config of a generator.
type Config struct {
	Client  *Client
	Journal *journal.Writer
	Case    string // marks everything of this generator; at most 6 characters a-z0-9
	Canary  string // goes into the secret field of every order
	Group   string // GUID that all orders of the case carry as customer
	Workers int    // operations in flight
	Rate    int    // operations started a second
	Seed    uint64
	Only    string // one template alone; empty for both
	Timeout time.Duration
	GiveUp  time.Duration // on one operation, all attempts together
}

// Generator issues operations until it is stopped.
type Generator struct {
	Config
	tokens chan struct{}
	stop   chan struct{}
	done   sync.WaitGroup
	serial atomic.Int64
	first  tracker
	okays  [2]atomic.Int64 // successes of order and example
	// Tried counts attempts; Again those after the first of their operation.
	Tried, Again atomic.Int64
}

// tracker remembers, for each template, the first success that began after a moment.
type tracker struct {
	mu    sync.Mutex
	since time.Time
	at    map[string]time.Time
}

func (t *tracker) mark() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.since, t.at = time.Now(), map[string]time.Time{}
}

func (t *tracker) ok(template string, began time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.since.IsZero() || began.Before(t.since) {
		return
	}
	if _, seen := t.at[template]; !seen {
		t.at[template] = time.Now()
	}
}

// Start begins the load.
func Start(ctx context.Context, c Config) *Generator {
	g := &Generator{Config: c, tokens: make(chan struct{}), stop: make(chan struct{})}
	g.done.Go(func() { g.meter(ctx) })
	for i := range c.Workers {
		// Each keeps to one template, so that a store's trouble is seen to be its own.
		w := &worker{g: g, rng: rand.New(rand.NewPCG(c.Seed, uint64(i))), template: g.templates()[i%len(g.templates())]}
		g.done.Go(func() { w.run(ctx) })
	}
	return g
}

// Stop ends the load and waits until every operation has its end.
func (g *Generator) Stop() {
	close(g.stop)
	g.done.Wait()
}

// FaultEnds marks the moment from which recovery is measured.
func (g *Generator) FaultEnds() { g.first.mark() }

// Recovered is how long each template took to its first success after FaultEnds;
// ok is false while one of them has had none.
func (g *Generator) Recovered() (longest time.Duration, ok bool) {
	g.first.mu.Lock()
	defer g.first.mu.Unlock()
	for _, template := range g.templates() {
		at, seen := g.first.at[template]
		if !seen {
			return 0, false
		}
		longest = max(longest, at.Sub(g.first.since))
	}
	return longest, true
}

// Successes are those of orders and of examples so far.
func (g *Generator) Successes() (orders, examples int64) { return g.okays[0].Load(), g.okays[1].Load() }

func (g *Generator) templates() []string {
	if g.Only != "" {
		return []string{g.Only}
	}
	return []string{Order, Example}
}

// meter hands out the right to begin an operation, Rate a second.
func (g *Generator) meter(ctx context.Context) {
	tick := time.NewTicker(time.Second / time.Duration(g.Rate))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-g.stop:
			return
		case <-ctx.Done():
			return
		}
		select {
		case g.tokens <- struct{}{}:
		default: // everybody is busy: the load is bounded
		}
	}
}

// An operation is one request with its key, whatever number of attempts it takes.
type operation struct {
	op, template, name, key string
	base                    int64
	data                    []byte
}

func (o *operation) routingKey() string {
	family, kind := "rel", "write"
	if o.template == Example {
		family = "rec"
	}
	switch o.op {
	case "fetch":
		kind = "read"
	case "object", "batch":
		kind = "obj"
	}
	return family + "." + kind + "." + o.template
}

func (o *operation) body(deadline time.Duration) []byte {
	b := fmt.Appendf(nil, `{"v":1,"template":%q,"op":%q,"event_id":%q,"deadline_ms":%d,`, o.template, o.op, "ms.dev."+o.key, deadline.Milliseconds())
	if o.op != "fetch" {
		b = fmt.Appendf(b, `"key":%q,`, o.key)
	}
	return append(append(append(b, `"data":`...), o.data...), '}')
}

// do takes an operation to its end and returns the reply that ended it, or nil
// when it was given up.
func (g *Generator) do(ctx context.Context, o *operation) *Reply {
	entry := journal.Entry{Case: g.Case, Key: o.key, Op: o.op, Template: o.template, Name: o.name, Base: o.base}
	g.note(entry, journal.Intent)
	limit := time.Now().Add(g.GiveUp)
	pause := 50 * time.Millisecond
	for attempt := 1; time.Now().Before(limit) && ctx.Err() == nil; attempt++ {
		entry.Attempt = attempt
		reply, err := g.attempt(ctx, o, entry)
		if err == nil && !again(reply) {
			entry.Status, entry.Code = reply.Status, reply.Error.Code
			g.note(entry, journal.Final)
			return reply
		}
		time.Sleep(pause/2 + rand.N(pause))
		pause = min(2*pause, time.Second)
	}
	entry.Status = "given up"
	g.note(entry, journal.Final)
	return nil
}

// again says whether a good client asks again. A passed deadline means that nothing
// was done, so it may.
func again(r *Reply) bool {
	return r.Status == "unknown" || r.Status == "error" && (r.Error.Retryable || r.Error.Code == "deadline_passed")
}

func (g *Generator) attempt(ctx context.Context, o *operation, entry journal.Entry) (*Reply, error) {
	g.note(entry, journal.Publish)
	g.Tried.Add(1)
	if entry.Attempt > 1 {
		g.Again.Add(1)
	}
	began := time.Now()
	reply, err := g.Client.Call(ctx, Message{RoutingKey: o.routingKey(), Correlation: fmt.Sprintf("%s#%d", o.key, entry.Attempt),
		MessageID: o.key, Type: o.op, Body: o.body(g.Timeout)}, g.Timeout+time.Second)
	if err != nil {
		entry.Note = err.Error()
		g.note(entry, journal.Failure)
		return nil, err
	}
	g.note(replied(entry, reply), journal.Reply)
	if reply.Status == "ok" {
		g.first.ok(o.template, began)
		if o.template == Order {
			g.okays[0].Add(1)
		} else {
			g.okays[1].Add(1)
		}
	}
	return reply, nil
}

// Late journals a reply that nobody waited for.
func Late(w *journal.Writer) func(correlation string, r *Reply) {
	return func(correlation string, r *Reply) {
		key, _, _ := strings.Cut(correlation, "#")
		e := replied(journal.Entry{Key: key, Note: "late"}, r)
		e.Kind = journal.Reply
		go w.Append(e) //nolint:errcheck // the next entry of a worker fails too and ends the run
	}
}

func replied(e journal.Entry, r *Reply) journal.Entry {
	e.Status, e.Code, e.Note = r.Status, r.Error.Code, e.Note+r.Error.Message
	if len(r.Data) == 1 {
		e.Revision = system(r.Data[0]).Revision
	}
	return e
}

// record is what the suite reads of a row.
type record struct {
	ID       string `json:"id"`
	Revision int64  `json:"revision"`
}

func system(raw json.RawMessage) (r record) {
	_ = json.Unmarshal(raw, &r) // the zero record says that it was not there
	return r
}

// note stops the program where the journal cannot be written: nothing that follows
// would prove anything.
func (g *Generator) note(e journal.Entry, kind string) {
	e.Kind = kind
	if err := g.Journal.Append(e); err != nil {
		panic("faults: the journal cannot be written: " + err.Error())
	}
}

// Record is the record that a reply to a change names.
func (r *Reply) Record() (id string, revision int64) {
	if len(r.Data) != 1 {
		return "", 0
	}
	s := system(r.Data[0])
	return s.ID, s.Revision
}
