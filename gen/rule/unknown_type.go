package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "unknown-type",
		Doc:   "A field's type is one of the format's.",
		Cure:  "recs/example_rec.toml lists the types with their parameters.",
		check: problems(rec.ProblemTypeName),
	})
}
