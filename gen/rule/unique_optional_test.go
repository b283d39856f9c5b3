package rule

import "testing"

func TestUniqueOptional(t *testing.T) {
	expect(t, "unique-optional", `extension = "_exm"

unique_indexes = ["a_exm", "b_exm", "created"] # want: "a_exm"
[fields]
a_exm = "string"
b_exm = { type = "string", required = true }
`, `extension = "_exm"

[unique_indexes]
deleted = true # want: "deleted"
`)
}
