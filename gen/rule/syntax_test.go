package rule

import "testing"

func TestSyntax(t *testing.T) {
	expect(t, "syntax", `
doc = yes # want: a text needs quotes
version = 1
[fields # want: expected ']'
name_exm = "string"
[behaviour]
updates == true # want: value
deletes = "soft"
`, `
protected_fields = [
  "a",
  "b"
version = 1 # want: expected ',' or ']'
schema = rec # want: a text needs quotes
`, `version = 99999999999999999999 # want: 64 bits
`, `doc = "open # want: basic string
version = 1
`)
}
