//go:build !race

package runtime

import (
	"strings"
	"testing"
)

// TestAllocations guards the cost of a request from bytes to bytes. A change that
// needs more must say why here.
func TestAllocations(t *testing.T) {
	f := benchFactory(t)
	dst := make([]byte, 0, 4096)
	for _, tt := range []struct {
		name, body string
		most       float64
	}{{"read", readBody, 8}, {"write", writeBody, 14}} {
		body := []byte(tt.body)
		if n := testing.AllocsPerRun(200, func() { dst = answer(f, dst, body) }); n > tt.most {
			t.Errorf("%s: %v allocations, at most %v", tt.name, n, tt.most)
		}
	}
}

// TestBatchAllocations guards what an operation of a batch costs beside the batch.
func TestBatchAllocations(t *testing.T) {
	f := benchFactory(t)
	dst := make([]byte, 0, 8192)
	for _, tt := range []struct {
		name, op string
		most     float64 // for each operation
	}{
		{"read", `{"op":"fetch","data":{"id":"01890000-0000-7000-8000-000000000000"}}`, 5},
		{"write", `{"op":"write","data":{"email":"ada@example.com","age":36,"city":"London","state":"old"}}`, 10},
	} {
		allocs := func(ops int) float64 {
			body := []byte(`{"v":1,"template":"person","op":"batch","event_id":"e","ops":[` + strings.Repeat(tt.op+",", ops-1) + tt.op + `]}`)
			return testing.AllocsPerRun(200, func() { dst = answer(f, dst, body) })
		}
		if each := (allocs(10) - allocs(2)) / 8; each > tt.most {
			t.Errorf("%s: %v allocations for each operation, at most %v", tt.name, each, tt.most)
		}
	}
}
