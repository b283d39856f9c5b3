package rule

import "testing"

func TestBadConstant(t *testing.T) {
	expect(t, "bad-constant", `extension = "_exm"

[fields]
a_exm = { type = "enum", values = ["open", "paid"] }
b_exm = "integer"
c_exm = "text"
[[partial_indexes]]
name = "p"
fields = ["b_exm"]
where = { a_exm = "opn" } # want: did you mean "open"?
[queries.q.filter]
a_exm = { in = ["open", "piad"] } # want: did you mean "paid"?
b_exm = "1" # want: expected an integer
c_exm = "x"
created = { gte = "2026-01-01" } # want: offset
id = { in = [] } # want: list of 1 to
revision = { in = 1 } # want: list of 1 to
updated = { lt = 2030-01-01T00:00:00+02:00 }
[queries.r.filter]
a_exm = { prefix = "op" }
`)
}
