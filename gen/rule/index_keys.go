package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "index-keys",
		Doc: "An index has one to four different fields, a compound one at least two.",
		Cure: "More than four rarely pay and make the procedures unwieldy. An index over one field belongs into " +
			"single_field_indexes. id ends every index anyway.",
		check: checkIndexKeys,
	})
}

// maxKeys is the largest number of fields of an index or a sort.
const maxKeys = 4

func checkIndexKeys(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		switch n := len(ix.Keys); {
		case n == 0:
			r.Addf(ix.Span, "index %q in %s has no fields", clip(ix.Name), ix.Table)
		case n > maxKeys:
			r.Addf(ix.Span, "index %q in %s has %d fields; at most %d are possible", clip(ix.Name), ix.Table, n, maxKeys)
		case n == 1 && ix.Kind == model.IndexCompound:
			r.Addf(ix.Span, "compound index %q has one field only; declare it in single_field_indexes", clip(ix.Name))
		}
		checkRepeated(ix.Keys, "index "+clip(ix.Name), r)
	}
}

// checkRepeated reports fields that a list of keys names twice.
func checkRepeated(keys []rec.Ref, where string, r *Reporter) {
	seen := make(map[string]bool, len(keys))
	for _, k := range keys {
		if seen[k.Name] {
			r.Addf(k.Span, "%s names the field %q twice", where, clip(k.Name))
		}
		seen[k.Name] = true
	}
}
