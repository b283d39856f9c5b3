package rule

import "testing"

func TestSystemField(t *testing.T) {
	expect(t, "system-field", `extension = "_exm"

secret_fields = ["revision"] # want: cannot be secret
[fields]
id = "guid" # want: system field "id"
created_exm = "timestamp" # want: system field "created"
deleted = "boolean" # want: system field
created_on_exm = "timestamp"
[cache_map]
updated = "changed" # want: same public name
`)
}
