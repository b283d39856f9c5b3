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
[[partial_indexes]]
name = "c" # want: 5 conditions
fields = ["x"]
where = { a = 1, b = 1, c = 1, d = 1, e = 1 }
`)
}
