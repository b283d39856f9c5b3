package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "protected-required",
		Doc:   "A protected field is optional or has a default.",
		Cure:  "No caller may set it, so a required one without a default could never be written.",
		whole: true,
		check: checkProtected,
	})
}

func checkProtected(t *rec.Template, r *Reporter) {
	for _, p := range t.Protected {
		if f := t.Field(p.Name); f != nil && f.Required.Value && f.Default == nil {
			r.Addf(p.Span, "protected field %q is required and has no default, so no record could ever be written; give it a default or drop required", p.Name)
		}
	}
}
