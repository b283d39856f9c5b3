package rule

import "testing"

func TestUnknownKey(t *testing.T) {
	expect(t, "unknown-key", `
verison = 1 # want: did you mean "version"?
[behaviour]
update = true # want: in [behaviour]; did you mean "updates"?
version = 1 # want: belongs to the root
[fields]
a_exm = { type = "string", deflt = "" } # want: in [fields.a_exm]; did you mean "default"?
b_exm = { type = "object", fields = { c = { type = "string", default = "" } } } # want: in [fields.b_exm.fields.c]
[queries.q]
limt = 1 # want: did you mean "limit"?
params = { p = { type = "string", required = true } } # want: in [queries.q.params.p]
[warehouse]
warm = {} # want: in [warehouse]; known are cool, cold
[[partial_indexes]]
nme = "a" # want: did you mean "name"?
[bogus] # want: unknown key "bogus"; known are version, schema,
x = 1
`)
}
