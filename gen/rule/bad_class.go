package rule

import (
	"regexp"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:    "bad-class",
		Doc:   "template_class is an exported Go identifier.",
		Cure:  "It becomes a Go type: a capital letter, then up to 59 letters and digits, such as \"PriceList\".",
		check: checkClass,
	})
}

var classPattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]{0,59}$`)

func checkClass(t *rec.Template, r *Reporter) {
	if c := t.Class; c.Set && !classPattern.MatchString(c.Value) {
		r.Addf(c.Span, "template_class %q is not an exported Go name of letters and digits, such as \"PriceList\"", clip(c.Value))
	}
}
