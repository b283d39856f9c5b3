package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "unknown-field",
		Doc: "Every field that is named is declared or a system field.",
		Cure: "Lists, indexes, filters and sorts use the store's names, with the tag: \"email_exm\", not \"email\". " +
			"The system fields are id, created, updated, revision and, with soft deletes, deleted.",
		whole: true,
		check: checkFieldRefs,
	})
}

func checkFieldRefs(t *rec.Template, r *Reporter) {
	var names []string // made when there is something to suggest
	check := func(ref rec.Ref, where string) {
		if _, ok := lookup(t, ref.Name); ok {
			return
		}
		if ref.Name == model.FieldDeleted {
			r.Addf(ref.Span, "unknown field \"deleted\" in %s: it exists where deletes are soft only", where)
			return
		}
		if names == nil {
			names = fieldNames(t)
		}
		// Whoever writes the public name most likely means the field behind it.
		got := ref.Name
		if t.Field(got+t.Extension.Value) != nil {
			got += t.Extension.Value
		}
		r.Suggest(ref.Span, got, names, "unknown field %q in %s", clip(ref.Name), where)
	}
	for _, ref := range t.Protected {
		check(ref, "protected_fields")
	}
	for _, ref := range t.Secret {
		check(ref, "secret_fields")
	}
	for _, a := range t.Aliases {
		check(a.Field, "cache_map")
	}
	eachPathRef(t, check)
}

// fieldNames lists every name that could have been meant.
func fieldNames(t *rec.Template) []string {
	names := make([]string, 0, len(t.Fields)+5)
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	for _, f := range systemFields(t) {
		names = append(names, f.Name)
	}
	return names
}
