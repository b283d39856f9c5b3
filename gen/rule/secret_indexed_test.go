package rule

import "testing"

func TestSecretIndexed(t *testing.T) {
	expect(t, "secret-indexed", `extension = "_exm"

secret_fields = ["a_exm"]
index_fields = ["a_exm"] # want: in index_fields
[fields]
a_exm = "string"
b_exm = "string"
[compound_indexes]
x = ["b_exm", "a_exm"] # want: in compound_indexes
[[partial_indexes]]
name = "y"
fields = ["b_exm"]
where = { a_exm = "x" } # want: the where of index y
[queries.q]
filter = { a_exm = "x" } # want: the filter of query q
sort = ["a_exm"] # want: the sort of query q
`)
}
