package suite

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/runtime/session"
)

// flight is how many requests are under way in the closed loop, unless a class says otherwise.
const flight = 128

// A runner measures one class: it starts what takes part, runs it and stops it.
type runner struct {
	name, title string
	run         func(r *Run, ctx context.Context) (*Result, error)
}

// runners are all classes in the order of the documentation.
var runners = []runner{
	{"T0", "dispatch: validated, routed, answered from memory", (*Run).t0},
	{"T0-flight", "dispatch with 1 to 512 requests in flight", (*Run).t0Flight},
	{"T0-open", "dispatch at fixed rates", (*Run).t0Open},
	{"T0-topology", "dispatch by exchange and reply address", (*Run).t0Topology},
	{"T0-scale", "dispatch with up to 1,000 templates and 64 brokers", (*Run).t0Scale},
	{"T1", "read by key, MariaDB", (*Run).t1},
	{"T1-open", "read by key at fixed rates, MariaDB", (*Run).t1Open},
	{"T1-alone", "read by key, one request at a time", (*Run).t1Alone},
	{"T1-cache", "read by key from the node's memory", (*Run).t1Cache},
	{"T1-mongo", "read by key, document store", (*Run).t1Mongo},
	{"T2", "durable write with its idempotency record, MariaDB", (*Run).t2},
	{"T2-relaxed", "the same without a flush for each commit", (*Run).t2Relaxed},
	{"T2-mongo", "write with its idempotency record, document store", (*Run).t2Mongo},
	{"T3", "fan-out: one request, 24 concurrent reads", (*Run).t3},
	{"T4-read", "batches of reads by key, MariaDB", (*Run).t4Read},
	{"T4-write", "batches of durable writes, MariaDB", (*Run).t4Write},
	{"T4-mongo", "batches, document store", (*Run).t4Mongo},
	{"TL", "log events into the collection", (*Run).tl},
}

// Names lists the classes.
func Names() []string {
	var list []string
	for _, r := range runners {
		list = append(list, r.name)
	}
	return list
}

// A Run is one run of the benchmark.
type Run struct {
	*Env
	Out  io.Writer
	data *Data
}

// Class runs one class by its name.
func (r *Run) Class(ctx context.Context, name string) (*Result, error) {
	for _, c := range runners {
		if c.name == name {
			return c.run(r, ctx)
		}
	}
	return nil, fmt.Errorf("there is no class %q; there are %q", name, Names())
}

// ready fills the stores before the first class that needs them.
func (r *Run) ready(ctx context.Context, node *Server) error {
	if r.data != nil {
		return nil
	}
	var err error
	r.data, err = r.prepare(ctx, node)
	return err
}

// target is a request to a server of ours, on the way that runtime/client takes.
func (r *Run) target(s *Server, family, op, template string) *load.Target {
	kind := map[string]string{"fetch": "read", "write": "write", "batch": "obj"}[op]
	key := family + "." + kind + "." + template
	if err := r.bindDirect(s.Name, s.queue(family, kind), key); err != nil {
		fmt.Fprintln(r.Out, err) // every row will say so too
	}
	return &load.Target{URL: r.AMQP, Exchange: session.DirectExchange(s.Name), Key: key, ReplyTo: replyQueue(s.Name), Type: op, Check: okay}
}

// queue is what a server consumes for a kind of requests. Peers do not tell families apart.
func (s *Server) queue(family, kind string) string {
	for _, q := range s.Queues {
		if strings.HasSuffix(q, "_"+family+"."+kind) || strings.HasSuffix(q, "."+kind) && !strings.Contains(q, "_") {
			return q
		}
	}
	return ""
}

// closed is a contestant in the closed loop.
func closed(name, doc string, s *Server, t *load.Target, inFlight, ops int) *Contestant {
	return &Contestant{Name: name, Doc: doc, Server: s, Ops: ops,
		Drive: func(ctx context.Context, win load.Window) (*load.Sample, error) {
			return load.Closed(ctx, t, inFlight, win)
		}}
}

// opened is a contestant in the open loop.
func opened(name, doc string, s *Server, t *load.Target, rate float64) *Contestant {
	return &Contestant{Name: name, Doc: doc, Server: s, Offered: rate,
		Drive: func(ctx context.Context, win load.Window) (*load.Sample, error) { return load.Open(ctx, t, rate, win) }}
}

// cast are the servers of a class; they are stopped together.
type cast []*Server

func (c *cast) stop() {
	for _, s := range *c {
		s.Stop()
	}
}

// node starts a BEDS node for the class.
func (c *cast) node(ctx context.Context, r *Run, v Variant, stub bool, env ...string) (*Server, error) {
	s, err := r.startNode(ctx, v, stub, env...)
	if err == nil {
		*c = append(*c, s)
	}
	return s, err
}

// peer starts a peer for the class.
func (c *cast) peer(ctx context.Context, r *Run, name string, reply int) (*Server, error) {
	s, err := r.startPeer(ctx, name, reply)
	if err == nil {
		*c = append(*c, s)
	}
	return s, err
}

// beds is the node of the default settings and build, the first variant of every class.
var beds = Variant{Name: "beds"}

// variants are the default node and those that were asked for.
func (r *Run) variants() []Variant { return append([]Variant{beds}, r.Variants...) }
