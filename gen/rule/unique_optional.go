package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "unique-optional",
		Doc: "The fields of a unique index are required.",
		Cure: "MariaDB takes any number of nulls into a unique index, MongoDB only one, so the two stores would not " +
			"agree on what is a duplicate. Set required = true; the long form of the field has it.",
		whole: true,
		check: checkUnique,
	})
}

func checkUnique(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		if ix.Kind != model.IndexUnique {
			continue
		}
		for _, k := range ix.Keys {
			if f, ok := lookup(t, k.Name); ok && !f.Required {
				r.Addf(k.Span, "field %q in unique_indexes is not required; two nulls are equal in one store and not in the other", k.Name)
			}
		}
	}
}
