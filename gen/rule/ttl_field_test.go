package rule

import "testing"

func TestTtlField(t *testing.T) {
	expect(t, "ttl-field", `extension = "_exm"

[fields]
a_exm = "timestamp"
b_exm = { type = "timestamp", required = true }
c_exm = "date"
[ttl_indexes]
created = "1d"
a_exm = "1d" # want: would never vanish
b_exm = "1500ms" # want: whole seconds
c_exm = "1d" # want: of type date
deleted = "7d"
updated = "26000d" # want: whole seconds
`)
}
