package rule

import "testing"

func TestDuplicateKey(t *testing.T) {
	expect(t, "duplicate-key", `
version = 1
version = 2 # want: first in line 1
[fields]
a_exm = "string"
[behaviour]
updates = true
[fields] # want: first in line 3
b_exm = { type = "string", type = "text" } # want: line 8
[behaviour.updates] # want: cannot be added to
`, `
[[partial_indexes]]
name = "a"
[[partial_indexes]]
name = "b"
[queries]
a.limit = 1
[queries.a] # want: declared twice
[queries.b]
limit = 2
[fields]
a = { type = "object" }
a.fields = {} # want: cannot be added to
`, `
[[fields]]
a = 1
[fields] # want: cannot be added to
`, `
fields = []
[[fields]] # want: declared twice
`, `
version = 1
[version.x] # want: cannot be added to
`)
}
