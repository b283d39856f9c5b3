package rule

import "testing"

func TestDuplicateIndex(t *testing.T) {
	expect(t, "duplicate-index", `extension = "_exm"

index_fields = ["email_exm"]
[fields]
email_exm = "string"
name_exm = "string"
[unique_indexes]
email_exm = true
name = "name_exm"
[compound_indexes]
name = ["name_exm", "email_exm"] # want: the one in unique_indexes
`)
}
