//go:build !race

package runtime

import "testing"

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
