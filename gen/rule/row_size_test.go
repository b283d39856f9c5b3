package rule

import (
	"fmt"
	"strings"
	"testing"
)

func TestRowSize(t *testing.T) {
	many := func(n int, typ string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "f%d_exm = %q\n", i, typ)
		}
		return b.String()
	}
	expect(t, "row-size", `
[fields] # want: MariaDB allows 65535
a_exm = "string(16383)"
`, `
[fields]
a_exm = "string(16000)"
b_exm = "text"
`,
		"[fields] # want: InnoDB allows 8125\n"+many(180, "string(11)"),
		"[fields]\n"+many(170, "string(11)"),
		"[fields] # want: InnoDB allows 8125\n"+many(32, "string(63)"),
		"[fields]\n"+many(32, "string(64)"),
		"[fields] # want: InnoDB allows 8125\n"+many(381, "text"),
		"[fields]\n"+many(900, "integer"),
		"[fields] # want: InnoDB allows 8125\n"+many(1000, "timestamp"),
	)
}
