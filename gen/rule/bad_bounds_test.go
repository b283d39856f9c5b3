package rule

import "testing"

func TestBadBounds(t *testing.T) {
	expect(t, "bad-bounds", `
[behaviour]
max_batch = 0 # want: max_batch is 1 to 1000
max_limit = 1001 # want: max_limit is 1 to 1000
cache = "25h" # want: 24h
`, `
[queries.q]
limit = 101 # want: 1 to 100
[queries.r]
limit = 100
[queries.s]
limit = 0 # want: 1 to 100
`, `
[behaviour]
max_limit = 10
cache = "24h"
[queries.q]
limit = 11 # want: 1 to 10
`)
}
