package rule

import "testing"

func TestBadName(t *testing.T) {
	expect(t, "bad-name", `
-- Order_rec.toml --
version = 1 # want: "Order_rec.toml"
-- order.toml --
version = 1 # want: not of the form
-- 1order_rec.toml --
version = 1 # want: not of the form
-- _rec.toml --
version = 1 # want: not of the form
-- abcdefghijklmnopqrstuvwxyz0123456789abcde_rec.toml --
version = 1 # want: 1 to 40
-- order_item_rec.toml --
version = 1
`)
}
