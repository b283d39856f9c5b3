package rule

import "testing"

func TestTlaSuffix(t *testing.T) {
	expect(t, "tla-suffix", `extension = "_exm"

[fields]
email = "string" # want: call it "email_exm"
email_exn = "string" # want: does not end in "_exm"
name_exm = "string"
id = "guid"
x_exm = { type = "object", fields = { plain = "string" } }
`, `extension = "exm"
[fields]
a = "string"
`, `[fields]
a = "string"
`)
}
