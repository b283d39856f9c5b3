package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "bad-name",
		Doc: "A template's file is called {name}_rec.toml.",
		Cure: "The name is that of the domain everywhere: in routing keys, requests and the Go package. It has 1 to 40 " +
			"lower-case letters, digits and underscores and begins with a letter. Rename the file.",
		check: problems(rec.ProblemFileName),
	})
}
