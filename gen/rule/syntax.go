package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "syntax",
		Doc: "A template is TOML.",
		Cure: "The message is the TOML parser's. Reading goes on at the next line that can begin a key or a table, " +
			"but rules that look for what is missing stay silent until the file can be read to its end.",
		check: problems(rec.ProblemSyntax),
	})
}
