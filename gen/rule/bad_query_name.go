package rule

import (
	"regexp"
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "bad-query-name",
		Doc:   "Queries and parameters have names of lower-case letters, digits and underscores.",
		Cure:  "They are procedures and their parameters, and, as CamelCase, methods of the typed client.",
		check: checkQueryNames,
	})
}

var queryPattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,59}$`)

func checkQueryNames(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		if !queryPattern.MatchString(q.Name) {
			r.Addf(q.Span, "query name %q is not 1 to 60 lower-case letters, digits and underscores that begin with a letter", clip(q.Name))
		}
		params := newScope(r, "parameter", len(q.Params))
		for _, p := range q.Params {
			if !queryPattern.MatchString(p.Name) {
				r.Addf(p.Span, "parameter name %q is not 1 to 60 lower-case letters, digits and underscores that begin with a letter", clip(p.Name))
				continue
			}
			params.declare(strings.ToLower(model.GoName(p.Name)), p.Name, p.Span)
		}
	}
}
