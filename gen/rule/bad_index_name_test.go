package rule

import "testing"

func TestBadIndexName(t *testing.T) {
	expect(t, "bad-index-name", `extension = "_exm"

[fields]
a_exm = "string"
[single_field_indexes]
id = "asc" # want: primary key
"a b" = "a_exm" # want: begin with a lower-case
Ab = "a_exm" # want: begin with a lower-case
aB_1 = "a_exm"
primary = "a_exm" # want: InnoDB
`)
}
