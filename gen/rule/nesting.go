package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "nesting",
		Doc:   "Tables and lists are nested at most 16 levels deep.",
		Cure:  "Flatten the object, or leave its sub-fields undeclared: an object without them holds free JSON.",
		check: problems(rec.ProblemDepth),
	})
}
