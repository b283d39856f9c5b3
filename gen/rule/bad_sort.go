package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "bad-sort",
		Doc:   "A sort has up to four different scalar fields; id can only be the last.",
		Cure:  "id ends every sort anyway, so that pages have one order; what follows it would never matter.",
		whole: true,
		check: checkSorts,
	})
}

func checkSorts(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		where := "the sort of query " + clip(q.Name)
		if n := len(q.Sort); n > maxKeys {
			r.Addf(q.Sort[maxKeys].Span, "%s has %d fields; at most %d are possible", where, n, maxKeys)
		}
		checkRepeated(q.Sort, where, r)
		for i, k := range q.Sort {
			if k.Name == model.FieldID && i < len(q.Sort)-1 {
				r.Addf(k.Span, "%s goes on after id, which makes the order complete; drop the rest", where)
			}
			if f, ok := typed(t, k.Name); ok && !indexable(f.Type.Kind) {
				r.Addf(k.Span, "%s names %q of type %s, which has no order", where, f.Name, f.Type.Kind)
			}
		}
	}
}
