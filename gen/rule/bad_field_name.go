package rule

import (
	"regexp"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-field-name",
		Doc: "A field's name has lower-case letters, digits and underscores and begins with a letter.",
		Cure: "The name is a column, a document member and, as CamelCase, a Go field, so it uses what is plain in all " +
			"three; 64 characters is MariaDB's limit. Sub-fields may have capitals too.",
		check: checkFieldNames,
	})
}

var (
	fieldPattern    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	subFieldPattern = regexp.MustCompile(`^[a-z][A-Za-z0-9_]{0,63}$`)
)

func checkFieldNames(t *rec.Template, r *Reporter) {
	for _, f := range t.Fields {
		if !fieldPattern.MatchString(f.Name) {
			r.Addf(f.Span, "field name %q is not 1 to 64 lower-case letters, digits and underscores that begin with a letter", clip(f.Name))
		}
		checkSubFieldNames(f.Sub, r)
	}
}

func checkSubFieldNames(list []*rec.Field, r *Reporter) {
	for _, f := range list {
		if !subFieldPattern.MatchString(f.Name) {
			r.Addf(f.Span, "sub-field name %q is not 1 to 64 letters, digits and underscores that begin with a lower-case letter", clip(f.Name))
		}
		checkSubFieldNames(f.Sub, r)
	}
}
