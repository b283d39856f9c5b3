package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "bad-duration",
		Doc:   "A duration is positive and has units.",
		Cure:  "Units are ns, us, ms, s, m, h, d (24 hours) and w (seven days), and several may follow each other: \"1d12h\".",
		check: problems(rec.ProblemDuration),
	})
}
