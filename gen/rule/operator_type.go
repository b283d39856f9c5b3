package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "operator-type",
		Doc: "An operator suits the type of its field.",
		Cure: "text, binary, object and array cannot be compared; boolean and enum have no order, so they know eq, ne " +
			"and in only; prefix needs a string or an enum that is listed in regex_pattern_indexing.",
		whole: true,
		check: checkOperatorTypes,
	})
}

func checkOperatorTypes(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		for _, c := range q.Where {
			f, ok := typed(t, c.Field.Name)
			switch {
			case !ok:
			case !indexable(f.Type.Kind):
				r.Addf(c.Field.Span, "field %q of type %s cannot be compared in a filter", f.Name, f.Type.Kind)
			case !suits(model.Op(c.Op), f.Type.Kind):
				r.Addf(c.OpSpan, "operator %s does not suit field %q of type %s", clip(c.Op), f.Name, f.Type.Kind)
			case c.Op == string(model.OpPrefix) && !hasPattern(t, f.Name):
				r.Addf(c.OpSpan, "operator prefix needs an index: add %s = \"prefix\" to [regex_pattern_indexing]", f.Name)
			}
		}
	}
}

// suits reports whether an operator means something for a comparable kind; of an
// unknown operator it knows nothing bad.
func suits(op model.Op, k model.Kind) bool {
	switch op {
	case model.OpGt, model.OpGte, model.OpLt, model.OpLte:
		return k != model.Boolean && k != model.Enum
	case model.OpPrefix:
		return k == model.String || k == model.Enum
	}
	return true
}

func hasPattern(t *rec.Template, name string) bool {
	for _, ix := range t.Indexes {
		if ix.Kind == model.IndexPattern && ix.Keys[0].Name == name {
			return true
		}
	}
	return false
}
