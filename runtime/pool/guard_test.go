package pool

import (
	"fmt"
	"testing"
)

// An address is remembered whole, in bounded memory, until the nodes are tried again.
func TestGuardRemembersAddresses(t *testing.T) {
	g := newReplyGuard(nil)
	address := func(i int) string { return fmt.Sprintf("%sg1hYAAAA.key%06d==", directReplyTo, i) }
	if g.seen(address(1)) {
		t.Error("seen before it was remembered")
	}
	g.remember(address(1))
	if !g.seen(address(1)) || g.seen(address(2)) || g.seen("") || g.seen("x") {
		t.Error("not exactly what was remembered is seen")
	}
	hits := 0
	for i := range 100_000 {
		g.remember(address(i))
	}
	for i := range 100_000 {
		if g.seen(address(i)) {
			hits++
		}
	}
	if hits == 0 || hits > len(g.recent) {
		t.Errorf("%d addresses are remembered, %d at most", hits, len(g.recent))
	}
	g.forget()
	if g.seen(address(99_999)) {
		t.Error("forgotten and still seen")
	}
}
