package rule

import (
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "unknown-operator",
		Doc:   "A filter uses the operators eq, ne, gt, gte, lt, lte, in and prefix.",
		Cure:  "There are no others: each one must mean the same in both stores and be served by an index.",
		check: checkOperators,
	})
}

var opNames = []string{"eq", "ne", "gt", "gte", "lt", "lte", "in", "prefix"}

func checkOperators(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		for _, c := range q.Where {
			if !slices.Contains(opNames, c.Op) {
				r.Suggest(c.OpSpan, c.Op, opNames, "unknown operator %q in query %q; the operators are %s",
					clip(c.Op), clip(q.Name), strings.Join(opNames, ", "))
			}
		}
	}
}
