package rule

import "testing"

func TestLockingUpdates(t *testing.T) {
	expect(t, "locking-updates", `[behaviour]
updates = false
locking = true # want: needs updates
`, `[behaviour]
locking = true
`, `[behaviour]
updates = false
locking = false
`)
}
