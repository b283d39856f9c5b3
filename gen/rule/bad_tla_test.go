package rule

import "testing"

func TestBadTla(t *testing.T) {
	expect(t, "bad-tla", `extension = "exm" # want: an underscore and three
`, `extension = "_exmp" # want: an underscore and three
`, `extension = "_ex" # want: an underscore and three
`, `extension = "_1xm" # want: an underscore and three
`, `extension = "_Exm" # want: an underscore and three
`, `extension = "" # want: an underscore and three
`, `extension = "_e_m" # want: an underscore and three
`, `extension = "$exm" # want: an underscore and three
`, `extension = "_e2m"
`)
}
