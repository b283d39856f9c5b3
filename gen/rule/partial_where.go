package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "partial-where",
		Doc:   "A partial index says by one to four conditions for which records it is.",
		Cure:  "Write where = { field = constant }. An index over all records belongs into another table.",
		check: checkPartial,
	})
}

func checkPartial(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		switch n := len(ix.Where); {
		case ix.Kind != model.IndexPartial:
		case n == 0:
			r.Addf(ix.Span, "partial index %q has no usable where; without one it belongs into single_field_indexes or compound_indexes", clip(ix.Name))
		case n > maxKeys:
			r.Addf(ix.Span, "partial index %q has %d conditions; at most %d are possible", clip(ix.Name), n, maxKeys)
		}
	}
}
