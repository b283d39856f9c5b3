package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "listed-twice",
		Doc:   "A list of fields names each once and without a sign.",
		Cure:  "Drop the second mention in protected_fields or secret_fields; a minus means something in indexes and sorts only.",
		check: checkLists,
	})
}

func checkLists(t *rec.Template, r *Reporter) {
	for _, list := range []struct {
		key  string
		refs []rec.Ref
	}{{"protected_fields", t.Protected}, {"secret_fields", t.Secret}} {
		seen := make(map[string]bool, len(list.refs))
		for _, ref := range list.refs {
			if ref.Desc {
				r.Addf(ref.Span, "a minus has no meaning in %s", list.key)
			}
			if seen[ref.Name] {
				r.Addf(ref.Span, "%s names %q twice", list.key, clip(ref.Name))
			}
			seen[ref.Name] = true
		}
	}
}
