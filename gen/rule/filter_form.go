package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "filter-form",
		Doc: "A condition compares a field with a constant, a parameter or a list of constants.",
		Cure: "field = operand, or field = { operator = operand }. Only the operator in takes a list. The where of a " +
			"partial index knows equality with one constant only.",
		check: problems(rec.ProblemConditionForm),
	})
}
