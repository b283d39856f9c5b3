package rule

import "testing"

func TestIndexForm(t *testing.T) {
	expect(t, "index-form", `
[fields]
a_exm = "string"
[single_field_indexes]
a_exm = 2 # want: 1 or -1
b = 1
[unique_indexes]
a_exm = false # want: left out
[regex_pattern_indexing]
a_exm = ".*x" # want: "prefix"
created = "^"
`)
}
