package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "unindexable",
		Doc: "The fields of an index are scalars other than text and binary.",
		Cure: "text, binary, object and array have no order that both stores agree on and no bound that fits an index. " +
			"Index a string that is derived from it, such as a hash or a prefix.",
		whole: true,
		check: checkIndexable,
	})
}

func checkIndexable(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		keys := ix.Keys
		for _, c := range ix.Where {
			keys = append(keys[:len(keys):len(keys)], c.Field)
		}
		for _, k := range keys {
			if f, ok := typed(t, k.Name); ok && !indexable(f.Type.Kind) {
				r.Addf(k.Span, "field %q of type %s cannot be indexed", k.Name, f.Type.Kind)
			}
		}
	}
}

// indexable reports whether values of a kind can be compared alike in both stores.
func indexable(k model.Kind) bool {
	switch k {
	case model.Text, model.Binary, model.Object, model.Array:
		return false
	}
	return true
}
