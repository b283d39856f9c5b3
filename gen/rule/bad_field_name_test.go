package rule

import "testing"

func TestBadFieldName(t *testing.T) {
	expect(t, "bad-field-name", `extension = "_exm"

[fields]
Name_exm = "string" # want: lower-case
"a b_exm" = "string" # want: lower-case
"" = "string" # want: lower-case
"$a_exm" = "string" # want: lower-case
"a.b_exm" = "string" # want: lower-case
1_exm = "string" # want: lower-case
axxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_exm = "string" # want: 1 to 64
ok_exm = { type = "object", fields = { lastName = "string", Bad = "string" } } # want: sub-field name "Bad"
`)
}
