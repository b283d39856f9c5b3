package rule

import "testing"

func TestBadCollection(t *testing.T) {
	expect(t, "bad-collection", `collection = "Order" # want: two lower-case
`, `collection = "msorder" # want: two lower-case
`, `collection = "m1Order" # want: two lower-case
`, `collection = "ms_Order" # want: two lower-case
`, `collection = "msOrder_x" # want: two lower-case
`, `collection = "" # want: two lower-case
`, `collection = "msxOrder" # want: two lower-case
`, `collection = "msOrder2"
`)
}
