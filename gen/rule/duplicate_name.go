package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "duplicate-name",
		Doc: "No two templates have one name, with or without underscores.",
		Cure: "The name is that of a Go package, which has no underscores, and of a folder. Rename one of the files. " +
			"Two folders may not hold templates of one name either.",
		checkSet: checkNames,
	})
}

func checkNames(set []*rec.Template, r *Reporter) {
	first := make(map[string]*rec.Template, len(set))
	for _, t := range set {
		key := strings.ToLower((&model.Template{Name: t.Name}).Package())
		if other, taken := first[key]; taken {
			r.AddTo(t, rec.Span{}, "template %q has the name of %s", clip(t.Name), other.File)
			continue
		}
		first[key] = t
	}
}
