package rule

import (
	"regexp"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "bad-tla",
		Doc:   "extension is an underscore and three lower-case letters or digits.",
		Cure:  "The three-letter tag begins with a letter: \"_exm\", \"_ad2\".",
		check: checkTLA,
	})
}

var tlaPattern = regexp.MustCompile(`^_[a-z][a-z0-9]{2}$`)

func checkTLA(t *rec.Template, r *Reporter) {
	if e := t.Extension; e.Set && !tlaPattern.MatchString(e.Value) {
		r.Addf(e.Span, "extension %q is not an underscore and three lower-case letters or digits, such as \"_exm\"", clip(e.Value))
	}
}
