package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
)

// The templates that the load uses: one lives in MariaDB, one in MongoDB.
const (
	Order   = "order"
	Example = "example"
)

// keepRecords is how many live records a worker has at most.
const keepRecords = 4

// worker has records of its own and changes each of them one step at a time, so
// that every revision that the stores may show is known beforehand.
type worker struct {
	g        *Generator
	rng      *rand.Rand
	template string
	records  []owned
}

type owned struct {
	template, name, id string
	revision           int64
}

func (w *worker) run(ctx context.Context) {
	for {
		select {
		case <-w.g.tokens:
		case <-w.g.stop:
			return
		case <-ctx.Done():
			return
		}
		w.step(ctx)
	}
}

func (w *worker) step(ctx context.Context) {
	n := w.rng.IntN(100)
	if len(w.records) == 0 || len(w.records) < keepRecords && n < 30 {
		w.write(ctx)
		return
	}
	i := w.rng.IntN(len(w.records))
	switch {
	case n < 70:
		w.change(ctx, i, "update")
	case n < 92:
		w.read(ctx, i)
	default:
		w.change(ctx, i, "delete")
	}
}

func (w *worker) write(ctx context.Context) {
	template := w.template
	name := w.g.Case + "-" + strconv.FormatInt(w.g.serial.Add(1), 36)
	o := &operation{op: "write", template: template, name: name, key: name}
	if template == Order {
		o.data = fmt.Appendf(nil, `{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q,"pickup_secret":%q}`, name, w.g.Group, o.key, w.g.Canary)
	} else {
		o.data = fmt.Appendf(nil, `{"name":%q,"email":%q,"about":%q}`, name, name+"@faults.example", o.key)
	}
	reply := w.g.do(ctx, o)
	if reply == nil || reply.Status != "ok" || len(reply.Data) != 1 {
		return
	}
	stored := system(reply.Data[0])
	w.records = append(w.records, owned{template, name, stored.ID, stored.Revision})
}

// change updates or deletes. A record whose change did not end well is left alone:
// its state is the checker's to judge.
func (w *worker) change(ctx context.Context, i int, op string) {
	r := &w.records[i]
	o := &operation{op: op, template: r.template, name: r.name, base: r.revision,
		key: fmt.Sprintf("%s.%c%d", r.name, op[0], r.revision)}
	o.data = fmt.Appendf(nil, `{"id":%q,"revision":%d}`, r.id, r.revision)
	if op == "update" {
		field := "note"
		if r.template == Example {
			field = "about"
		}
		o.data = fmt.Appendf(nil, `{"id":%q,"revision":%d,%q:%q}`, r.id, r.revision, field, o.key)
	}
	reply := w.g.do(ctx, o)
	if reply != nil && reply.Status == "ok" && op == "update" {
		r.revision++
		return
	}
	w.records = append(w.records[:i], w.records[i+1:]...)
}

// read fetches a record by its id. The checker compares the revision with what was
// acknowledged before.
func (w *worker) read(ctx context.Context, i int) {
	r := &w.records[i]
	w.g.do(ctx, &operation{op: "fetch", template: r.template, name: r.name, base: r.revision,
		key:  fmt.Sprintf("%s.r%d", r.name, w.g.serial.Add(1)),
		data: fmt.Appendf(nil, `{"id":%q}`, r.id)})
}
