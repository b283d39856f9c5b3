package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "query-size",
		Doc: "A template has at most 200 queries, each of at most 32 parameters and 32 conditions.",
		Cure: "Every query is a procedure that each connection of MariaDB keeps in its cache, of 256 by default. A query " +
			"of more conditions is hardly served by an index; split it, or split the domain.",
		check: checkQuerySize,
	})
}

const (
	maxQueries    = 200
	maxParams     = 32
	maxConditions = 32
)

func checkQuerySize(t *rec.Template, r *Reporter) {
	if n := len(t.Queries); n > maxQueries {
		r.Addf(t.Queries[maxQueries].Span, "the template has %d queries; at most %d are possible", n, maxQueries)
	}
	for _, q := range t.Queries {
		if n := len(q.Params); n > maxParams {
			r.Addf(q.Params[maxParams].Span, "query %q has %d parameters; at most %d are possible", clip(q.Name), n, maxParams)
		}
		if n := len(q.Where); n > maxConditions {
			r.Addf(q.Where[maxConditions].Field.Span, "query %q has %d conditions; at most %d are possible", clip(q.Name), n, maxConditions)
		}
	}
}
