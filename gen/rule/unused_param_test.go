package rule

import "testing"

func TestUnusedParam(t *testing.T) {
	expect(t, "unused-param", `
[queries.q]
params = { a = "guid", b = "guid" } # want: parameter "b"
filter = { x = "$a" }
`)
}
