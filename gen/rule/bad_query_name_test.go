package rule

import "testing"

func TestBadQueryName(t *testing.T) {
	expect(t, "bad-query-name", `
[queries.Open] # want: query name
[queries."a b"] # want: query name
[queries.ok]
params = { Since = "date" } # want: parameter name
[queries.two]
params = { a_b = "date", ab = "date" } # want: both become
`)
}
