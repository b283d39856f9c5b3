package suite

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/bench/peer"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
)

// someIDs are for the stub, which has a record for every id.
func someIDs() []runtime.GUID {
	ids := make([]runtime.GUID, 1000)
	for i := range ids {
		ids[i] = lineage.NewV7()
	}
	return ids
}

// echoes are the peers of class T0.
func echoes() []peer.Peer {
	return slices.DeleteFunc(slices.Clone(peer.All), func(p peer.Peer) bool { return p.Database })
}

// t0Reply is the length of a node's reply in class T0, which the echoes' replies have too.
const t0Reply = 760

// dispatchTarget is a read by id from the stub.
func (r *Run) dispatchTarget(s *Server, ids []runtime.GUID) *load.Target {
	t := r.target(s, "rel", "fetch", "order")
	t.Body = fetch("order", ids)
	return t
}

func (r *Run) t0(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	ids := someIDs()
	class := &Class{Name: "T0", Title: "dispatch", Unit: "requests",
		Doc: "A fetch by id, 128 in flight: decoded, validated, routed through the factory and the grouping, answered by a store without " +
			"a database, encoded. The echoes answer the same request with as many bytes and look at nothing. Every contestant has a direct " +
			"exchange and a durable classic queue; requests and replies are transient, acknowledged by hand; the client is the same for all."}
	for _, v := range r.variants() {
		s, err := cast.node(ctx, r, v, true)
		if err != nil {
			return nil, err
		}
		class.Contestants = append(class.Contestants, closed(v.Name, "a BEDS node over the stub", s, r.dispatchTarget(s, ids), flight, 1))
	}
	for _, p := range echoes() {
		s, err := cast.peer(ctx, r, p.Name, t0Reply)
		if err != nil {
			return nil, err
		}
		class.Contestants = append(class.Contestants, closed(p.Name, p.Doc, s, r.dispatchTarget(s, ids), flight, 1))
		if p.Name == "raw-naive" {
			t := r.dispatchTarget(s, ids)
			t.Plain = true
			class.Contestants = append(class.Contestants, closed("raw-naive-both", "the same with a client that does not coalesce either", s, t, flight, 1))
		}
	}
	return r.run(ctx, class, r.Out)
}

// flights are the numbers of requests under way in the sweep.
var flights = []int{1, 8, 32, 128, 512}

func (r *Run) t0Flight(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T0-flight", Title: "dispatch by requests in flight", Unit: "requests",
		Doc: "The same with 1 to 512 requests in flight: what a node makes of them, and what each waits for it."}
	return r.sweep(ctx, class, func(name, doc string, s *Server, t *load.Target) {
		for _, n := range flights {
			class.Contestants = append(class.Contestants, closed(atFlight(name, n), doc, s, t, n, 1))
		}
	})
}

func atFlight(name string, n int) string { return name + " @" + strconv.Itoa(n) }

// rates are the shares of the node's own best rate that the open loop offers.
var rates = []float64{.2, .4, .6, .8, .9}

func (r *Run) t0Open(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T0-open", Title: "dispatch at fixed rates", Unit: "requests",
		Doc: "The same in the open loop. The rates are shares of what the node answered in a closed loop just before; every contestant " +
			"gets the same rates. Latency counts from the moment when a request should have been sent."}
	var best float64
	return r.sweep(ctx, class, func(name, doc string, s *Server, t *load.Target) {
		if best == 0 {
			best = r.best(ctx, s, t)
		}
		for _, share := range rates {
			class.Contestants = append(class.Contestants, opened(atShare(name, share), doc, s, t, share*best))
		}
	})
}

func atShare(name string, share float64) string {
	return name + " @" + strconv.Itoa(int(share*100+.5)) + "%"
}

// best is the rate of a closed loop, measured for a few seconds.
func (r *Run) best(ctx context.Context, s *Server, t *load.Target) float64 {
	m, err := r.measure(ctx, closed("", "", s, t, flight, 1), load.Window{Warmup: time.Second, Duration: 2 * r.Duration})
	if err != nil || m.Rate < 1000 {
		return 1000 // the error shows again in the class
	}
	return m.Rate
}

// sweep starts the node and two echoes, lets add make contestants of each, and runs the class.
func (r *Run) sweep(ctx context.Context, class *Class, add func(name, doc string, s *Server, t *load.Target)) (*Result, error) {
	var cast cast
	defer cast.stop()
	ids := someIDs()
	for _, v := range r.variants() {
		s, err := cast.node(ctx, r, v, true)
		if err != nil {
			return nil, err
		}
		add(v.Name, "a BEDS node over the stub", s, r.dispatchTarget(s, ids))
	}
	for _, name := range []string{"raw-own", "raw-naive"} {
		p, err := peer.Find(name)
		if err != nil {
			return nil, err
		}
		s, err := cast.peer(ctx, r, name, t0Reply)
		if err != nil {
			return nil, err
		}
		add(name, p.Doc, s, r.dispatchTarget(s, ids))
	}
	return r.run(ctx, class, r.Out)
}
