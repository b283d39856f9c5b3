package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "tla-suffix",
		Doc:   "Every declared field ends in the template's three-letter tag.",
		Cure:  "The tag keeps names apart in joins and logs. Callers never see it: the public name is the field without it.",
		check: checkSuffixes,
	})
}

func checkSuffixes(t *rec.Template, r *Reporter) {
	if !t.Extension.Set || !tlaPattern.MatchString(t.Extension.Value) {
		return // without a tag there is nothing to compare with
	}
	for _, f := range t.Fields {
		if strings.HasSuffix(f.Name, t.Extension.Value) || isSystem(f.Name) {
			continue // the rule system-field has more to say about those
		}
		r.Addf(f.Span, "field %q does not end in %q; call it %q", clip(f.Name), t.Extension.Value, clip(strings.TrimRight(f.Name, "_"))+t.Extension.Value)
	}
}
