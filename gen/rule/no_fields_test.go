package rule

import "testing"

func TestNoFields(t *testing.T) {
	expect(t, "no-fields", `[fields] # want: no field
`, `[fields]
a_exm = "string"
`, `fields = 1
`)
}
