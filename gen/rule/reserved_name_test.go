package rule

import "testing"

func TestReservedName(t *testing.T) {
	expect(t, "reserved-name", `
-- range_rec.toml --
version = 1 # want: keyword
-- string_rec.toml --
version = 1 # want: would hide
-- in_it_rec.toml --
version = 1 # want: the go command
-- order_rec.toml --
template_class = "Record" # want: every generated package
[queries.new_client] # want: NewClient
[queries.query] # want: Query
[queries.domain] # want: Domain
[queries.open]
`)
}
