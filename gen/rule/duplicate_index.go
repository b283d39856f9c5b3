package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "duplicate-index",
		Doc: "Index names are unique over all kinds of indexes.",
		Cure: "An index that is declared by its field bears the field's public name. Give one of the two a name of " +
			"its own: unique_email = \"email_exm\" rather than email_exm = true.",
		check: checkIndexNames,
	})
}

func checkIndexNames(t *rec.Template, r *Reporter) {
	first := make(map[string]*rec.Index, len(t.Indexes))
	for _, ix := range t.Indexes {
		other, taken := first[ix.Name]
		if !taken {
			first[ix.Name] = ix
			continue
		}
		r.Addf(ix.Span, "index %q in %s has the name of the one in %s (line %d); give one of them another name",
			clip(ix.Name), ix.Table, other.Table, t.At(other.Span).Line)
	}
}
