package rule

import "testing"

func TestPartialWhere(t *testing.T) {
	expect(t, "partial-where", `
[[partial_indexes]]
name = "a" # want: no usable where
fields = ["x"]
where = {}
[[partial_indexes]]
name = "b"
fields = ["x"]
where = { y = 1 }
`)
}
