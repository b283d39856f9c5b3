package rule

import "testing"

func TestDuplicateCollection(t *testing.T) {
	expect(t, "duplicate-collection", `
-- a_rec.toml --
collection = "msOrder"
-- b_rec.toml --
version = 1
collection = "msORDER" # want: taken by a_rec.toml:1
-- c_rec.toml --
collection = "msItem"
-- d_rec.toml --
version = 1
`)
}
