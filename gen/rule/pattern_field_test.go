package rule

import "testing"

func TestPatternField(t *testing.T) {
	expect(t, "pattern-field", `extension = "_exm"

[fields]
a_exm = "string"
b_exm = { type = "enum", values = ["x"] }
c_exm = "integer"
[regex_pattern_indexing]
a_exm = true
b_exm = "^x"
c_exm = "prefix" # want: of type integer
created = "prefix" # want: of type timestamp
`)
}
