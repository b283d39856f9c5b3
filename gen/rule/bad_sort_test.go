package rule

import "testing"

func TestBadSort(t *testing.T) {
	expect(t, "bad-sort", `extension = "_exm"

[fields]
a_exm = "text"
b_exm = "string"
[queries.q]
sort = ["b_exm", "-b_exm"] # want: twice
[queries.r]
sort = ["a_exm"] # want: has no order
[queries.s]
sort = ["id", "b_exm"] # want: goes on after id
[queries.t]
sort = ["b_exm", "-id"]
[queries.u]
sort = ["id_a", "id_b", "id_c", "id_d", "id_e"] # want: has 5 fields
`)
}
