package rule

import (
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "unknown-value",
		Doc:   "A key that knows few values has one of them.",
		Cure:  "The message lists the values.",
		check: checkValues,
	})
}

func checkValues(t *rec.Template, r *Reporter) {
	t.Walk(rec.Visitor{Entry: func(e *rec.Entry, k *rec.Key, in *rec.Path) {
		if k.Values == nil || e.Value.Kind != rec.KindString || slices.Contains(k.Values, e.Value.Text) {
			return
		}
		r.Suggest(e.Value.Span, e.Value.Text, k.Values, "unknown value %q of %s%s; it is one of %s",
			clip(e.Value.Text), k.Name, in.In(), strings.Join(k.Values, ", "))
	}})
}
