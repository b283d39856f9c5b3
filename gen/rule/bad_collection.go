package rule

import (
	"regexp"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-collection",
		Doc: "collection is the white-box id and a name with a capital.",
		Cure: "Two lower-case letters name the installation, so that several can share a server; a capital begins the " +
			"name of the domain: \"msPriceList\".",
		check: checkCollection,
	})
}

var collectionPattern = regexp.MustCompile(`^[a-z]{2}[A-Z][A-Za-z0-9]*$`)

func checkCollection(t *rec.Template, r *Reporter) {
	if c := t.Collection; c.Set && !collectionPattern.MatchString(c.Value) {
		r.Addf(c.Span, "collection %q is not two lower-case letters followed by a name with a capital, such as \"msPriceList\"", clip(c.Value))
	}
}
