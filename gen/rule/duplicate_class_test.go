package rule

import "testing"

func TestDuplicateClass(t *testing.T) {
	expect(t, "duplicate-class", `
-- a_rec.toml --
template_class = "Order"
-- b_rec.toml --
version = 1
template_class = "ORDER" # want: taken by a_rec.toml:1
-- c_rec.toml --
template_class = "Item"
-- d_rec.toml --
version = 1
`)
}
