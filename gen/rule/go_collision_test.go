package rule

import "testing"

func TestGoCollision(t *testing.T) {
	expect(t, "go-collision", `extension = "_exm"

[fields]
line_1_exm = "string"
line1_exm = "string" # want: Line1
i_d_exm = "string" # want: "id" and "i_d_exm" both become the Go name ID
id_exm = "string"
o_exm = { type = "object", fields = { a_b = "string", aB = "string" } } # want: AB
a_exm = { type = "object", fields = { b_c = { type = "object", fields = { x = "string" } } } }
a_b_exm = { type = "object", fields = { c = { type = "object", fields = { x = "string" } } } } # want: ABCObject
query_x_exm = { type = "object", fields = { y = "string" } } # want: QueryXObject
[queries.x_object]
[queries.a_b]
[queries.a__b] # want: AB
[single_field_indexes]
c_d = "a_exm"
cD = "a_exm" # want: CD
`)
}
