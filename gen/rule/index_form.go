package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "index-form",
		Doc: "An index is declared in one of the forms of its table.",
		Cure: "single_field_indexes: name = \"field\" or \"-field\", field = \"asc\", \"desc\", 1 or -1. unique_indexes: " +
			"name = \"field\", name = [\"a\", \"b\"] or field = true. regex_pattern_indexing: field = \"prefix\".",
		check: problems(rec.ProblemIndexForm),
	})
}
