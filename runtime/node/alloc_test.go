//go:build !race

package node

import "testing"

// TestAllocations guards what the node adds to a request between its delivery and its
// reply. A change that needs more must say why here.
func TestAllocations(t *testing.T) {
	for _, tt := range []struct {
		name, kind, body string
		most             float64
	}{{"fetch", "read", fetchBody, 13}, {"write", "write", writeBody, 24}} {
		serve := serves(t, tt.kind, tt.body)
		serve() // fills the pools
		if n := testing.AllocsPerRun(200, serve); n > tt.most {
			t.Errorf("%s: %v allocations, at most %v", tt.name, n, tt.most)
		}
	}
}
