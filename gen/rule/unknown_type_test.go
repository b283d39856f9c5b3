package rule

import "testing"

func TestUnknownType(t *testing.T) {
	expect(t, "unknown-type", `
[fields]
a_exm = "strin" # want: did you mean "string"?
b_exm = { type = "array<intger>" } # want: did you mean "integer"?
c_exm = "string(" # want: is not a type
d_exm = "" # want: is not a type
e_exm = "varchar(40)" # want: the types are
f_exm = "array < string ( 40 ) >"
[queries.q.params]
p = "time" # want: unknown type
`)
}
