package rule

import "testing"

func TestUnindexable(t *testing.T) {
	expect(t, "unindexable", `extension = "_exm"

[fields]
a_exm = "text"
b_exm = "binary"
c_exm = "object"
d_exm = "array<string>"
e_exm = { type = "enum", values = ["x"] }
f_exm = "string"
[single_field_indexes]
a_exm = 1 # want: of type text
b_exm = 1 # want: of type binary
c_exm = 1 # want: of type object
d_exm = 1 # want: of type array
e_exm = 1
none_exm = 1
[[partial_indexes]]
name = "p"
fields = ["f_exm"]
where = { a_exm = "x" } # want: of type text
`)
}
