package suite

import (
	"context"

	"github.com/beds-project/beds/bench/load"
)

// writeTarget is a new order with a key of its own, in a persistent message.
func (r *Run) writeTarget(s *Server) *load.Target {
	t := r.target(s, "rel", "write", "order")
	t.Persistent = true
	t.Body = write("order")
	return t
}

func (r *Run) t2(ctx context.Context) (*Result, error) {
	return r.writes(ctx, &Class{Name: "T2", Title: "durable write, MariaDB", Unit: "requests",
		Doc: "A new order with its idempotency record, both in one transaction, sent as a persistent message, acknowledged after the " +
			"commit, 128 in flight. BEDS gathers what waits into one CALL and one commit; the hand-written service has a transaction of " +
			"two prepared INSERTs for each request. Every measure begins with 20,000 orders in the table."})
}

func (r *Run) t2Relaxed(ctx context.Context) (*Result, error) {
	if err := r.setFlush(ctx, 2); err != nil {
		return nil, err
	}
	defer r.setFlush(ctx, 1) //nolint:errcheck // the default, which the next start brings back in any case
	return r.writes(ctx, &Class{Name: "T2-relaxed", Title: "write without a flush for each commit, MariaDB", Unit: "requests",
		Doc: "Class T2 with innodb_flush_log_at_trx_commit=2: a crash of the machine, not of the server, may lose the last second."})
}

func (r *Run) writes(ctx context.Context, class *Class) (*Result, error) {
	var cast cast
	defer cast.stop()
	class.Before = r.shrink
	err := cast.all(ctx, r, func(name, doc string, s *Server) {
		class.Contestants = append(class.Contestants, closed(name, doc, s, r.writeTarget(s), flight, 1))
	})
	if err != nil {
		return nil, err
	}
	limit, err := r.openLimit(ctx)
	if err != nil {
		return nil, err
	}
	defer limit.close(ctx)
	class.Contestants = append(class.Contestants, limit.writes()...)
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

func (r *Run) t2Mongo(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "T2-mongo", Title: "write, document store", Unit: "requests",
		Doc: "A new document with its idempotency record, 16 in flight. " + ferret}
	err := cast.nodes(ctx, r, func(name, doc string, s *Server) {
		t := r.target(s, "rec", "write", "example")
		t.Persistent = true
		t.Body = write("example")
		class.Contestants = append(class.Contestants, closed(name, doc, s, t, 16, 1))
	})
	if err != nil {
		return nil, err
	}
	return r.run(ctx, class, r.Out)
}
