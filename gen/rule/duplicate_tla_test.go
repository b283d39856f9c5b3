package rule

import "testing"

func TestDuplicateTla(t *testing.T) {
	expect(t, "duplicate-tla", `
-- a_rec.toml --
extension = "_ord"
-- b_rec.toml --
version = 1
extension = "_ord" # want: taken by a_rec.toml:1
-- c_rec.toml --
extension = "_itm"
-- d_rec.toml --
version = 1
`)
}
