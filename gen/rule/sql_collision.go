package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "sql-collision",
		Doc: "No two names of a template are one name in MariaDB.",
		Cure: "MariaDB does not tell the case of columns, indexes and procedures apart. A query and an index never " +
			"collide: their procedures are called _q_, and _by_ or _get_.",
		check: checkSQLNames,
	})
}

func checkSQLNames(t *rec.Template, r *Reporter) {
	columns := make(map[string]string, len(t.Fields))
	for _, f := range t.Fields {
		foldCase(columns, "fields", f.Name, f.Span, r)
	}
	indexes := make(map[string]string, len(t.Indexes))
	for _, ix := range t.Indexes {
		foldCase(indexes, "indexes", ix.Name, ix.Span, r)
	}
	queries := make(map[string]string, len(t.Queries))
	for _, q := range t.Queries {
		foldCase(queries, "queries", q.Name, q.Span, r)
	}
}

// foldCase reports a name that differs from an earlier one by case alone.
func foldCase(seen map[string]string, what, name string, at rec.Span, r *Reporter) {
	key := strings.ToLower(name)
	other, taken := seen[key]
	if !taken {
		seen[key] = name
		return
	}
	if other != name {
		r.Addf(at, "%s %q and %q differ by case alone, which MariaDB does not see", what, clip(other), clip(name))
	}
}
