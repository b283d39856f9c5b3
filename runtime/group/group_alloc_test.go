//go:build !race

package group

import (
	"context"
	"testing"

	"github.com/beds-project/beds/runtime"
)

// instant is a store that answers at once and allocates as little as a store can.
type instant struct {
	runtime.Store
	rows []runtime.Row
	out  []runtime.Outcome
}

func (s *instant) Get(context.Context, *runtime.Template, []runtime.GUID) ([]runtime.Row, error) {
	return s.rows, nil
}

func (s *instant) Insert(context.Context, *runtime.Template, []runtime.Insert, bool) ([]runtime.Outcome, error) {
	return s.out, nil
}

// TestAllocations guards what the layer adds to a request that is alone. A change
// that needs more must say why here.
func TestAllocations(t *testing.T) {
	id := runtime.GUID{1}
	s := New(&instant{rows: []runtime.Row{{id.Value()}}, out: make([]runtime.Outcome, 1)}, Config{})
	tmpl, ctx := new(runtime.Template), t.Context()
	ids, items := []runtime.GUID{id}, make([]runtime.Insert, 1)
	for _, tt := range []struct {
		name string
		most float64
		run  func()
	}{
		{"get", 6, func() { _, _ = s.Get(ctx, tmpl, ids) }},
		{"insert", 6, func() { _, _ = s.Insert(ctx, tmpl, items, false) }},
	} {
		if n := testing.AllocsPerRun(200, tt.run); n > tt.most {
			t.Errorf("%s: %v allocations, at most %v", tt.name, n, tt.most)
		}
	}
}
