package rule

import (
	"fmt"
	"strings"
	"testing"
)

func TestQuerySize(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	params := "[queries.q.params]\n" + many(maxParams, "p%d = \"string\"\n")
	filter := "[queries.q.filter]\n" + many(maxConditions, "f%d = 1\n")
	queries := many(maxQueries, "[queries.q%d]\n")
	expect(t, "query-size",
		params+filter,
		params+"x = \"string\" # want: 33 parameters\n",
		filter+"x = { gt = 1 } # want: 33 conditions\n",
		queries,
		queries+"[queries.x] # want: 201 queries\n",
	)
}
