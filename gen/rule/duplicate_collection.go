package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:       "duplicate-collection",
		Doc:      "No two templates have one collection, whatever the case.",
		Cure:     "Choose another name. Depending on the server's settings MariaDB does not tell the case of tables apart.",
		checkSet: unique("collection", func(t *rec.Template) rec.Opt[string] { return t.Collection }),
	})
}
