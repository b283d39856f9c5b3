package rule

import "testing"

func TestOperatorType(t *testing.T) {
	expect(t, "operator-type", `extension = "_exm"

[fields]
a_exm = "text"
b_exm = "boolean"
c_exm = { type = "enum", values = ["x"] }
d_exm = "string"
e_exm = "string"
f_exm = "integer"
[regex_pattern_indexing]
d_exm = "prefix"
[queries.q.filter]
a_exm = "x" # want: cannot be compared
b_exm = { gt = true } # want: does not suit
c_exm = { lte = "x" } # want: does not suit
d_exm = { prefix = "x", gte = "a" }
e_exm = { prefix = "x" } # want: regex_pattern_indexing
f_exm = { prefix = "1" } # want: does not suit
id = { gt = "$p" }
none_exm = 1
`)
}
