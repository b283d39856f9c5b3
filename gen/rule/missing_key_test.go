package rule

import "testing"

func TestMissingKey(t *testing.T) {
	expect(t, "missing-key", `
version = 1 # want: "schema"
service = "admin"
template_class = "A"
collection = "msA"
extension = "_exm"
[fields]
a_exm = { max = 3 } # want: "type" in [fields.a_exm]
b_exm = { type = "object", fields = { c = {} } } # want: [fields.b_exm.fields.c]
[warehouse]
cool = { after = "1d", format = "table" } # want: "node"
`, `
version = 1 # want: "fields"
schema = "rec"
service = "admin"
template_class = "A"
collection = "msA"
extension = "_exm"
`, `
version = 1
schema = "rec"
service = "admin"
template_class = "A"
collection = "msA"
extension = "_exm"
[fields]
[[partial_indexes]] # want: "name"
fields = []
where = {}
`, `
version = 1 # want: in line 8
schema = "rec"
service = "admin"
template_class = "A"
collection = "msA"
[fields]
a_exm = "string"
extension = "_exm"
`)
}
