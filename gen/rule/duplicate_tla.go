package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:       "duplicate-tla",
		Doc:      "No two templates have one extension.",
		Cure:     "The tag keeps the fields of different domains apart, so each domain has its own. Choose other letters.",
		checkSet: unique("extension", func(t *rec.Template) rec.Opt[string] { return t.Extension }),
	})
}
