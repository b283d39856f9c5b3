package suite

import (
	"context"
	"fmt"
	"strconv"

	"github.com/beds-project/beds/runtime"
)

// Sizes that class T0-scale compares with the default: one template more than there are, and brokers.
var (
	templateCounts = []int{100, 1000}
	brokerCounts   = []int{1, 8, 64}
)

// CopyName is the nth copy of the template order in a node with BENCH_TEMPLATES.
func CopyName(n int) string { return fmt.Sprintf("order%04d", n) }

// t0Scale asks nodes with more templates and more brokers for the same as class T0.
func (r *Run) t0Scale(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	ids := someIDs()
	class := &Class{Name: "T0-scale", Title: "dispatch with more templates and brokers", Unit: "requests",
		Doc: "Class T0 on nodes that have up to 1,000 templates more, each asked in turn, and on nodes with 1 to 64 brokers for each queue " +
			"(the default is 2): nothing should get slower by much."}
	add := func(name, doc string, templates int, env ...string) error {
		s, err := cast.node(ctx, r, Variant{Name: name, Env: env}, true)
		if err != nil {
			return err
		}
		t := r.dispatchTarget(s, ids)
		if templates > 0 {
			t.Body = fetchCopies(templates, ids)
		}
		class.Contestants = append(class.Contestants, closed(name, doc, s, t, flight, 1))
		return nil
	}
	if err := add("beds", "a BEDS node over the stub", 0); err != nil {
		return nil, err
	}
	for _, n := range templateCounts {
		name := strconv.Itoa(n) + "-templates"
		if err := add(name, "a node with so many templates more, all asked in turn", n, "BENCH_TEMPLATES="+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	for _, n := range brokerCounts {
		name := strconv.Itoa(n) + "-brokers"
		if err := add(name, "a node with r_broker = "+strconv.Itoa(n), 0, "BEDS__BROKER_SERVICES__APP_SERVER__INSTANCES__R_BROKER="+strconv.Itoa(n)); err != nil {
			return nil, err
		}
	}
	return r.run(ctx, class, r.Out)
}

// fetchCopies is a read of another template each time.
func fetchCopies(templates int, ids []runtime.GUID) func(uint64) []byte {
	bodies := make([]func(uint64) []byte, templates)
	for i := range bodies {
		bodies[i] = fetch(CopyName(i), ids)
	}
	return func(n uint64) []byte { return bodies[n%uint64(templates)](n) }
}
