package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "too-many-fields",
		Doc: "A template has at most 1,000 fields and sub-fields.",
		Cure: "InnoDB ends at 1,017 columns, and the system fields need some. Split the domain, or keep what is not " +
			"searched in an array or a free object.",
		check: problems(rec.ProblemFieldCount),
	})
}
