package suite

import (
	"context"
	"fmt"

	"github.com/beds-project/beds/bench/load"
)

// fan is how many operations the request of class T3 holds.
const fan = 24

func (r *Run) t3(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T3", Title: "fan-out: 24 concurrent reads in one request", Unit: "operations",
		Doc: "One message with 16 fetches by id, 4 by number and 4 pages of a customer's orders, run concurrently and answered together; " +
			"16 messages in flight. The times are those of whole messages."}
	err := cast.nodes(ctx, r, func(name, doc string, s *Server) {
		t := r.target(s, "rel", "batch", "order")
		t.Body, t.Check = batch("order", fan, fanOp(r.data.Orders, r.data.Numbers)), allOkay(fan)
		class.Contestants = append(class.Contestants, closed(name, doc, s, t, 16, fan))
	})
	if err != nil {
		return nil, err
	}
	return r.run(ctx, class, r.Out)
}

// sizes are the operations in a message of class T4, with the messages in flight.
var sizes = []struct{ ops, flight int }{{16, 32}, {64, 16}, {256, 8}}

func (r *Run) t4Read(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T4-read", Title: "batches of reads by key, MariaDB", Unit: "operations",
		Doc: "Messages of 16, 64 and 256 fetches by id with 32, 16 and 8 in flight. The times are those of whole messages."}
	return r.batches(ctx, class, func(t *load.Target, size int) { t.Body = batch("order", size, fetchOp(r.data.Orders)) })
}

func (r *Run) t4Write(ctx context.Context) (*Result, error) {
	class := &Class{Name: "T4-write", Title: "batches of durable writes, MariaDB", Unit: "operations",
		Doc: "Messages of 16, 64 and 256 new orders, each with an idempotency record of its own, with 32, 16 and 8 messages in flight. " +
			"The times are those of whole messages. Every measure begins with 20,000 orders in the table."}
	class.Before = r.shrink
	return r.batches(ctx, class, func(t *load.Target, size int) {
		t.Body, t.Persistent = batch("order", size, writeOp("order")), true
	})
}

func (r *Run) batches(ctx context.Context, class *Class, shape func(t *load.Target, size int)) (*Result, error) {
	var cast cast
	defer cast.stop()
	err := cast.nodes(ctx, r, func(name, doc string, s *Server) {
		for _, size := range sizes {
			t := r.target(s, "rel", "batch", "order")
			t.Check = allOkay(size.ops)
			shape(t, size.ops)
			class.Contestants = append(class.Contestants, closed(fmt.Sprintf("%s x%d", name, size.ops), doc, s, t, size.flight, size.ops))
		}
	})
	if err != nil {
		return nil, err
	}
	settings, err := r.fsync(ctx)
	if err != nil {
		return nil, err
	}
	res, err := r.run(ctx, class, r.Out)
	if res != nil {
		res.Settings = settings
	}
	return res, err
}

// mongoBatch is the size of class T4-mongo's messages, of which a few are in flight.
const mongoBatch, mongoFlight = 64, 4

func (r *Run) t4Mongo(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T4-mongo", Title: "batches, document store", Unit: "operations",
		Doc: "Messages of 64 fetches by id and of 64 new documents, each with an idempotency record of its own, 4 messages in flight. The " +
			"times are those of whole messages. " + ferret}
	err := cast.nodes(ctx, r, func(name, doc string, s *Server) {
		add := func(what string, op func([]byte, uint64, int) []byte, persistent bool) {
			t := r.target(s, "rec", "batch", "example")
			t.Body, t.Check, t.Persistent = batch("example", mongoBatch, op), allOkay(mongoBatch), persistent
			class.Contestants = append(class.Contestants, closed(name+" "+what, doc+", "+what, s, t, mongoFlight, mongoBatch))
		}
		add("reads", fetchOp(r.data.Examples), false)
		add("writes", writeOp("example"), true)
	})
	if err != nil {
		return nil, err
	}
	return r.run(ctx, class, r.Out)
}
