package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "file-size",
		Doc: "A template has at most 1 MiB.",
		Cure: "A thousand documented fields take about a tenth of that, so the file is probably not a template. " +
			"A larger file is refused before it is read.",
		check: problems(rec.ProblemSize),
	})
}
