package rule

import "testing"

func TestIdentifierTooLong(t *testing.T) {
	expect(t, "identifier-too-long", `collection = "msXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX" # want: 57 are possible
`, `collection = "msXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
[single_field_indexes]
aaaaaaaaaaaaaaaaaaaa = "x"
aaaaaaaaaaaaaaaaaaaaa = "x" # want: 65 characters
[queries.bbbbbbbbbbbbbbbbbbbbb]
[queries.bbbbbbbbbbbbbbbbbbbbbb] # want: 65 characters
`)
}
