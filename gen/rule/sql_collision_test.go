package rule

import "testing"

func TestSqlCollision(t *testing.T) {
	expect(t, "sql-collision", `extension = "_exm"

[fields]
A_exm = "string"
a_exm = "string" # want: case alone
[single_field_indexes]
byDay = "a_exm"
byday = "a_exm" # want: case alone
[queries.q]
[queries.Q] # want: case alone
`)
}
