//go:build !race

package cache

import (
	"context"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

// TestAllocations: a hit allocates nothing.
func TestAllocations(t *testing.T) {
	s, m, tmpl := single(t, ample, time.Hour)
	ids := []runtime.GUID{m.insert("ada@example.com")}
	ix, keys := byEmail(tmpl, "ada@example.com")
	ctx := context.Background()
	readByID(s, tmpl, ids[0])
	m.reads = 0
	for what, hit := range map[string]func(){
		"by id":         func() { s.Get(ctx, tmpl, ids) },         //nolint:errcheck // memory
		"by unique key": func() { s.Lookup(ctx, tmpl, ix, keys) }, //nolint:errcheck // memory
	} {
		if n := testing.AllocsPerRun(1000, hit); n != 0 {
			t.Errorf("a hit %s: %v allocations", what, n)
		}
	}
	if m.reads != 0 {
		t.Errorf("%d reads were no hits", m.reads)
	}
}

func BenchmarkHit(b *testing.B) {
	s, m, tmpl := single(b, ample, time.Hour)
	ids := []runtime.GUID{m.insert("ada@example.com")}
	ix, keys := byEmail(tmpl, "ada@example.com")
	ctx := context.Background()
	readByID(s, tmpl, ids[0])
	b.Run("id", func(b *testing.B) {
		for b.Loop() {
			s.Get(ctx, tmpl, ids) //nolint:errcheck // memory
		}
	})
	b.Run("unique", func(b *testing.B) {
		for b.Loop() {
			s.Lookup(ctx, tmpl, ix, keys) //nolint:errcheck // memory
		}
	})
}
