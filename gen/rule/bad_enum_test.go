package rule

import (
	"fmt"
	"strings"
	"testing"
)

func TestBadEnum(t *testing.T) {
	many := func(n int) string {
		values := make([]string, n)
		for i := range values {
			values[i] = fmt.Sprintf("v%d", i)
		}
		return fmt.Sprintf("[fields]\na_exm = { type = \"enum\", values = [%s] }", `"`+strings.Join(values, `", "`)+`"`)
	}
	expect(t, "bad-enum", `extension = "_exm"

[fields]
a_exm = { type = "enum", values = [] } # want: 1 to 256
b_exm = { type = "enum", values = ["x", "y", "x"] } # want: twice
c_exm = { type = "enum", values = ["x", "X"] } # want: case alone
d_exm = { type = "enum", values = [""] } # want: 1 to 64
e_exm = { type = "enum", values = ["xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"] } # want: 1 to 64
f_exm = { type = "enum", values = [" x"] } # want: space
g_exm = { type = "enum", values = ["a\tb"] } # want: nobody can see
h_exm = { type = "enum", values = ["ä", "ö", "ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß"] }
i_exm = { type = "array<enum>", values = ["x", "x"] } # want: twice
j_exm = { type = "object", fields = { k = { type = "enum", values = [] } } } # want: 1 to 256
[queries.q.params]
p = { type = "enum", values = ["a", "a"] } # want: twice
`, many(257)+" # want: not 257\n", many(256))
}
