package rule

import "testing"

func TestParamType(t *testing.T) {
	expect(t, "param-type", `extension = "_exm"

[fields]
a_exm = "guid"
b_exm = { type = "enum", values = ["x"] }
c_exm = "decimal(12,2)"
[queries.q]
filter = { a_exm = "$a", b_exm = { in = "$b", ne = "$c" }, c_exm = "$d", created = { gte = "$d" } } # want: field "created" of type timestamp
[queries.q.params]
a = "guid"
b = "array<string>"
c = "string"
d = "decimal(4,1)"
e = "text" # want: cannot be of type text
[queries.r]
params = { a = "guid", b = "array<guid>" }
[queries.r.filter]
a_exm = { in = "$a" } # want: declare a = "array<guid>"
id = "$b" # want: is an array
b_exm = "$a" # want: of type guid, field "b_exm" of type enum
`)
}
