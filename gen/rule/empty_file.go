package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "empty-file",
		Doc:   "A template is not empty.",
		Cure:  "Delete the file, or let `bedsgen new NAME` write a template to start from.",
		check: problems(rec.ProblemEmpty),
	})
}
