package rule

import (
	"slices"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "public-name",
		Doc: "A public name is plain and has no other meaning.",
		Cure: "It begins with a lower-case letter, goes on with letters, digits and underscores, 64 in all, and is " +
			"neither a system field nor an operator of filters. Give the field another one in [cache_map].",
		check: checkPublicNames,
	})
}

// operators are the words that requests use beside fields.
var operators = []string{"and", "eq", "gt", "gte", "in", "lt", "lte", "ne", "not", "or", "prefix"}

func checkPublicNames(t *rec.Template, r *Reporter) {
	for _, a := range t.Aliases {
		switch {
		case !subFieldPattern.MatchString(a.Public):
			r.Addf(a.Span, "public name %q is not 1 to 64 letters, digits and underscores that begin with a lower-case letter", clip(a.Public))
		case isSystem(a.Public):
			r.Addf(a.Span, "public name %q is that of a system field", a.Public)
		}
	}
	for _, f := range t.Fields {
		if public := t.Public(f.Name); slices.Contains(operators, public) {
			r.Addf(f.Span, "the public name of %q is the operator %q; give it another one in [cache_map]", f.Name, public)
		}
	}
}
