package rule

import (
	"math"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "bad-version",
		Doc:   "The version is a whole number from 1.",
		Cure:  "Begin with 1 and add one whenever the fields change.",
		check: checkVersion,
	})
}

func checkVersion(t *rec.Template, r *Reporter) {
	if v := t.Version; v.Set && (v.Value < 1 || v.Value > math.MaxInt32) {
		r.Addf(v.Span, "the version is 1 to %d, not %d", math.MaxInt32, v.Value)
	}
}
