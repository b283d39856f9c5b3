package rule

import "testing"

func TestPublicName(t *testing.T) {
	expect(t, "public-name", `extension = "_exm"

[fields]
a_exm = "string"
b_exm = "string"
in_exm = "string" # want: the operator "in"
or_exm = "string"
[cache_map]
a_exm = "A" # want: begin with a lower-case
b_exm = "id" # want: system field
c_exm = "a.b" # want: begin with
d_exm = "$a" # want: begin with
or_exm = "orange"
`)
}
