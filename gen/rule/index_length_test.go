package rule

import "testing"

func TestIndexLength(t *testing.T) {
	expect(t, "index-length", `extension = "_exm"

[fields]
a_exm = "string(764)"
b_exm = "string(765)"
c_exm = "integer"
[single_field_indexes]
a = "a_exm"
b = "b_exm" # want: 3076 bytes
[compound_indexes]
ac = ["a_exm", "c_exm"] # want: 3080 bytes
[[partial_indexes]]
name = "p" # want: 3080 bytes
fields = ["c_exm"]
where = { a_exm = "x", c_exm = 1 }
`)
}
