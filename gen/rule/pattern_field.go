package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "pattern-field",
		Doc:   "A pattern index is over a string or an enum.",
		Cure:  "Only texts have a prefix; use single_field_indexes for ranges of other types.",
		whole: true,
		check: checkPattern,
	})
}

func checkPattern(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		if ix.Kind != model.IndexPattern {
			continue
		}
		if f, ok := typed(t, ix.Keys[0].Name); ok && f.Type.Kind != model.String && f.Type.Kind != model.Enum {
			r.Addf(ix.Keys[0].Span, "field %q in regex_pattern_indexing is of type %s; only a string or an enum has a prefix", f.Name, f.Type.Kind)
		}
	}
}
