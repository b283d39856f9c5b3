package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "undeclared-param",
		Doc: "A filter uses declared parameters.",
		Cure: "Declare it: params = { name = \"type\" }. A constant that begins with a dollar is written with two: " +
			"\"$$5\".",
		whole: true,
		check: checkUndeclared,
	})
}

func checkUndeclared(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		var names []string // made when there is something to suggest
		for _, c := range q.Where {
			if c.Param == "" || q.Param(c.Param) != nil {
				continue
			}
			if names == nil {
				names = paramNames(q)
			}
			hint := ""
			if strings.ContainsFunc(c.Param, func(c rune) bool { return c == ' ' || c == '.' || c < 'a' }) {
				hint = "; a constant is written \"$" + clip(c.Operand.Text) + "\""
			} else if nearest(c.Param, names) == "" {
				hint = "; add it to [queries." + clip(q.Name) + ".params]"
			}
			r.Suggest(c.Operand.Span, c.Param, names, "query %q does not declare the parameter %q%s", clip(q.Name), clip(c.Param), hint)
		}
	}
}

func paramNames(q *rec.Query) []string {
	names := make([]string, len(q.Params))
	for i, p := range q.Params {
		names[i] = p.Name
	}
	return names
}
