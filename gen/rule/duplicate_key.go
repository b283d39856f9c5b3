package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "duplicate-key",
		Doc: "A key or a table occurs once.",
		Cure: "TOML forbids to set a key twice and to open a table twice. Of two keys the first is used for the " +
			"other findings of the run; two tables are read as one.",
		check: problems(rec.ProblemDuplicate),
	})
}
