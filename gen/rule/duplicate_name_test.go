package rule

import "testing"

func TestDuplicateName(t *testing.T) {
	expect(t, "duplicate-name", `
-- x/order_rec.toml --
version = 1
-- y/order_rec.toml --
version = 1 # want: the name of x/order_rec.toml
-- y/or_der_rec.toml --
version = 1 # want: the name of x/order_rec.toml
-- y/orders_rec.toml --
version = 1
`)
}
