package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "system-field",
		Doc: "The system fields are not declared, renamed or made secret.",
		Cure: "Every record has id, created, updated, revision and, with soft deletes, deleted. With or without the tag " +
			"a declared field of that name would have the same public name. Call it something else, such as created_on.",
		check: checkSystemFields,
	})
}

func checkSystemFields(t *rec.Template, r *Reporter) {
	for _, f := range t.Fields {
		if bare := t.Bare(f.Name); isSystem(bare) {
			r.Addf(f.Span, "field %q has the name of the system field %q, which every record has; choose another name", f.Name, bare)
		}
	}
	for _, a := range t.Aliases {
		if isSystem(a.Field.Name) {
			r.Addf(a.Field.Span, "the system field %q has the same public name in every template", a.Field.Name)
		}
	}
	for _, s := range t.Secret {
		if isSystem(s.Name) {
			r.Addf(s.Span, "the system field %q cannot be secret: BEDS itself needs it", s.Name)
		}
	}
}
