package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "too-many-indexes",
		Doc:   "A template declares at most 60 indexes.",
		Cure:  "Both stores end at 64 for a table or collection, and BEDS needs some itself. Every index costs every write.",
		check: checkIndexCount,
	})
}

const maxIndexes = 60

func checkIndexCount(t *rec.Template, r *Reporter) {
	if n := len(t.Indexes); n > maxIndexes {
		r.Addf(t.Indexes[maxIndexes].Span, "the template declares %d indexes; at most %d are possible", n, maxIndexes)
	}
}
