package rule

import "testing"

func TestIndexKeys(t *testing.T) {
	expect(t, "index-keys", `extension = "_exm"

[unique_indexes]
u = [] # want: no fields
[compound_indexes]
one = ["a"] # want: one field only
two = ["a", "-a"] # want: twice
five = ["a", "b", "c", "d", "e"] # want: has 5 fields
four = ["a", "b", "c", "d"]
`)
}
