package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "locking-updates",
		Doc:   "Locking needs updates.",
		Cure:  "Locking lets an update name the revision that it is based on; where records never change there is one only.",
		check: checkLocking,
	})
}

func checkLocking(t *rec.Template, r *Reporter) {
	if b := &t.Behaviour; b.Locking.Value && !b.Updates.Or(true) {
		r.Addf(b.Locking.Span, "locking = true needs updates = true: records that never change have one revision only")
	}
}
