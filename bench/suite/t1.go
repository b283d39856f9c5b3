package suite

import (
	"context"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/bench/peer"
	"github.com/beds-project/beds/runtime/cache"
)

// alone switches the grouping off, for the contestant that shows what it is worth.
var alone = Variant{Name: "beds-ungrouped", Env: []string{"BEDS__GROUP__ENABLED=false"}}

// nodes starts the default node, the one without grouping and the variants, and fills the stores.
func (c *cast) nodes(ctx context.Context, r *Run, add func(name, doc string, s *Server)) error {
	for i, v := range append([]Variant{beds, alone}, r.Variants...) {
		s, err := c.node(ctx, r, v, false)
		if err != nil {
			return err
		}
		if i == 0 {
			if err := r.ready(ctx, s); err != nil {
				return err
			}
		}
		doc := "a BEDS node"
		if v.Name == alone.Name {
			doc = "a BEDS node that calls the store once for each request ([group] enabled = false)"
		}
		add(v.Name, doc, s)
	}
	return nil
}

// services starts the hand-written services.
func (c *cast) services(ctx context.Context, r *Run, add func(name, doc string, s *Server)) error {
	for _, p := range peer.All {
		if !p.Database {
			continue
		}
		s, err := c.peer(ctx, r, p.Name, 0)
		if err != nil {
			return err
		}
		add(p.Name, p.Doc, s)
	}
	return nil
}

// all starts nodes and services, all as contestants of one class.
func (c *cast) all(ctx context.Context, r *Run, add func(name, doc string, s *Server)) error {
	if err := c.nodes(ctx, r, add); err != nil {
		return err
	}
	return c.services(ctx, r, add)
}

// readTarget is a read of an order by id.
func (r *Run) readTarget(s *Server) *load.Target {
	t := r.target(s, "rel", "fetch", "order")
	t.Body = fetch("order", r.data.Orders)
	return t
}

func (r *Run) t1(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T1", Title: "read by key, MariaDB", Unit: "requests",
		Doc: "A fetch by id of one of 20,000 orders, 128 in flight. BEDS gathers what waits at the same moment into one CALL; the " +
			"hand-written service makes a prepared SELECT for each request. The direct contestants have no broker: they are the " +
			"limit of the database and its driver, with nobody else on the machine."}
	err := cast.all(ctx, r, func(name, doc string, s *Server) {
		class.Contestants = append(class.Contestants, closed(name, doc, s, r.readTarget(s), flight, 1))
	})
	if err != nil {
		return nil, err
	}
	limit, err := r.openLimit(ctx)
	if err != nil {
		return nil, err
	}
	defer limit.close(ctx)
	class.Contestants = append(class.Contestants, limit.reads(r.data.Orders, connections, 1, 16, 64)...)
	return r.run(ctx, class, r.Out)
}

func (r *Run) t1Open(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T1-open", Title: "read by key at fixed rates, MariaDB", Unit: "requests",
		Doc: "Class T1 in the open loop, at shares of what the node answered in a closed loop just before."}
	var best float64
	err := cast.all(ctx, r, func(name, doc string, s *Server) {
		if name == alone.Name || name == "crud-own" {
			return
		}
		t := r.readTarget(s)
		if best == 0 {
			best = r.best(ctx, s, t)
		}
		for _, share := range rates {
			class.Contestants = append(class.Contestants, opened(atShare(name, share), doc, s, t, share*best))
		}
	})
	if err != nil {
		return nil, err
	}
	return r.run(ctx, class, r.Out)
}

func (r *Run) t1Alone(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T1-alone", Title: "read by key, one request at a time", Unit: "requests",
		Doc: "One request in flight: what BEDS takes should be what an echo takes and what a CALL takes, together."}
	err := cast.all(ctx, r, func(name, doc string, s *Server) {
		class.Contestants = append(class.Contestants, closed(name, doc, s, r.readTarget(s), 1, 1))
	})
	if err != nil {
		return nil, err
	}
	echo, err := cast.peer(ctx, r, "raw-own", t0Reply)
	if err != nil {
		return nil, err
	}
	class.Contestants = append(class.Contestants, closed("raw-own", "a round trip through the broker without a database", echo, r.readTarget(echo), 1, 1))
	limit, err := r.openLimit(ctx)
	if err != nil {
		return nil, err
	}
	defer limit.close(ctx)
	class.Contestants = append(class.Contestants, limit.reads(r.data.Orders, 1, 1)...)
	return r.run(ctx, class, r.Out)
}

// cached keeps the orders in the node's memory.
var cached = Variant{Name: "beds-cached", Env: []string{"BEDS__CACHE__MEMORY_BYTES=268435456", "BEDS__TEMPLATES__ORDER__CACHE=1h"}}

func (r *Run) t1Cache(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T1-cache", Title: "read by key from the node's memory", Unit: "requests",
		Doc: "Class T1 with a cache beside T1 without: a fetch by id, and one by the unique number, of one of 20,000 orders, 128 in " +
			"flight. All orders fit into the cache; every node reads for three seconds before the first round, so that nearly " +
			"every read is a hit."}
	for _, v := range append(r.variants(), cached) {
		s, err := cast.node(ctx, r, v, false)
		if err != nil {
			return nil, err
		}
		if err := r.ready(ctx, s); err != nil {
			return nil, err
		}
		doc := "a BEDS node without a cache, by "
		if v.Name == cached.Name {
			doc = "a BEDS node with a cache, by "
			if err := r.warm(ctx, s); err != nil {
				return nil, err
			}
		}
		unique := r.readTarget(s)
		unique.Body = fetchNumber(r.data.Numbers)
		class.Contestants = append(class.Contestants, closed(v.Name, doc+"id", s, r.readTarget(s), flight, 1),
			closed(v.Name+"-unique", doc+"a unique key", s, unique, flight, 1))
	}
	return r.run(ctx, class, r.Out)
}

// warm reads for longer than the node waits before it answers from memory.
func (r *Run) warm(ctx context.Context, s *Server) error {
	_, err := load.Closed(ctx, r.readTarget(s), flight, load.Window{Warmup: 2 * cache.Lease, Duration: cache.Lease})
	return err
}

func (r *Run) t1Mongo(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T1-mongo", Title: "read by key, document store", Unit: "requests",
		Doc: "A fetch by id of one of 500 documents, 32 in flight. " + ferret}
	err := cast.nodes(ctx, r, func(name, doc string, s *Server) {
		t := r.target(s, "rec", "fetch", "example")
		t.Body = fetch("example", r.data.Examples)
		class.Contestants = append(class.Contestants, closed(name, doc, s, t, 32, 1))
	})
	if err != nil {
		return nil, err
	}
	docs, err := r.openMongo()
	if err != nil {
		return nil, err
	}
	defer docs.Disconnect(ctx) //nolint:errcheck // the class is over
	class.Contestants = append(class.Contestants, findOne(docs.Database(r.Config.MongoDB.Database).Collection("msExample"), r.data.Examples))
	return r.run(ctx, class, r.Out)
}

// ferret is the warning over every number of the document store.
const ferret = "The development server is FerretDB over SQLite, which uses no index and serves one at a time: these numbers say " +
	"how BEDS compares with the driver on it and nothing about MongoDB."
