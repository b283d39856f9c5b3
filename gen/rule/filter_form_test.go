package rule

import "testing"

func TestFilterForm(t *testing.T) {
	expect(t, "filter-form", `
[queries.q.filter]
a_exm = ["a"] # want: only the operator in
b_exm = { in = ["$a", "b"] } # want: one of a list
c_exm = { eq = { x = 1 } } # want: not a table
d_exm = {} # want: no operator
e_exm = { in = [["a"]] } # want: holds constants
f_exm = { in = ["$$a", "b"] }
[[partial_indexes]]
name = "x"
fields = ["a_exm"]
where = { a_exm = { gt = 1 }, b_exm = 2 } # want: one constant
[[partial_indexes]]
name = "y"
fields = ["a_exm"]
where = { a_exm = "$a" } # want: "$$a"
`)
}
