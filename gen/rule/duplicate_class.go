package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:       "duplicate-class",
		Doc:      "No two templates have one template_class, whatever the case.",
		Cure:     "Name one of the Go types differently. A copied template keeps the class, the collection and the tag of the original.",
		checkSet: unique("template_class", func(t *rec.Template) rec.Opt[string] { return t.Class }),
	})
}
