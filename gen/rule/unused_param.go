package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "unused-param",
		Doc:   "A declared parameter is used.",
		Cure:  "Every parameter is required of callers, so one that does nothing is a trap. Use it in the filter or drop it.",
		whole: true,
		check: checkUnused,
	})
}

func checkUnused(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		used := make(map[string]bool, len(q.Where))
		for _, c := range q.Where {
			used[c.Param] = true
		}
		for _, p := range q.Params {
			if !used[p.Name] {
				r.Addf(p.Span, "parameter %q of query %q is not used", clip(p.Name), clip(q.Name))
			}
		}
	}
}
