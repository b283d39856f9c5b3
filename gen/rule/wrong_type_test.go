package rule

import "testing"

func TestWrongType(t *testing.T) {
	expect(t, "wrong-type", `
version = "1" # want: must be an integer, not a string
schema = 1 # want: must be a string, not an integer
is_internal = "yes" # want: true or false
protected_fields = ["a", 1] # want: must each be a string
secret_fields = "a" # want: must be a list
behaviour = [] # want: must be a table
unique_indexes = ["a"]
[fields]
a_exm = 1 # want: a string or a table
b_exm = { type = 1 } # want: must be a string
index_fields = ["a"] # want: before the first [table]
c_exm = { type = "timestamp", default = 2026-01-01T00:00:00Z }
[compound_indexes]
x = "a" # want: must be a list
[queries]
q = "x" # want: must be a table
`)
}
