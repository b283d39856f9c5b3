package rule

import "testing"

func TestProtectedRequired(t *testing.T) {
	expect(t, "protected-required", `extension = "_exm"

protected_fields = [
  "a_exm", # want: no record could ever
  "b_exm", "c_exm", "none_exm",
]
[fields]
a_exm = { type = "string", required = true }
b_exm = { type = "string", required = true, default = "" }
c_exm = "string"
`)
}
