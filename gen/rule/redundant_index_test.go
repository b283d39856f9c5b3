package rule

import "testing"

func TestRedundantIndex(t *testing.T) {
	expect(t, "redundant-index", `extension = "_exm"

[fields]
a_exm = "string"
b_exm = "string"
[single_field_indexes]
up = "a_exm"
down = "-a_exm" # want: has the keys of "up"
[compound_indexes]
ab = ["a_exm", "b_exm"]
ba = ["b_exm", "a_exm"]
turned = ["-a_exm", "-b_exm"] # want: has the keys of "ab"
mixed = ["a_exm", "-b_exm"]
[regex_pattern_indexing]
a_exm = "prefix"
[[partial_indexes]]
name = "p1"
fields = ["a_exm"]
where = { b_exm = "x" }
[[partial_indexes]]
name = "p2"
fields = ["a_exm"]
where = { b_exm = "y" }
[[partial_indexes]]
name = "p3" # want: has the keys of "p1"
fields = ["a_exm"]
where = { b_exm = "x" }
`)
}
