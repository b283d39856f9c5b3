package rule

import (
	"slices"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "protected-secret",
		Doc:   "No field is both protected and secret.",
		Cure:  "Callers could neither set nor read it. Decide for one of the lists.",
		check: checkOverlap,
	})
}

func checkOverlap(t *rec.Template, r *Reporter) {
	for _, s := range t.Secret {
		if slices.ContainsFunc(t.Protected, func(p rec.Ref) bool { return p.Name == s.Name }) {
			r.Addf(s.Span, "field %q is protected and secret: callers could neither set nor read it", clip(s.Name))
		}
	}
}
