package rule

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-enum",
		Doc: "An enum has 1 to 256 different values of 1 to 64 characters.",
		Cure: "Values that differ by case alone, spaces at the ends and invisible characters are refused: people " +
			"mistake them, and the stores do not treat them alike. For more values use a domain of its own.",
		check: checkEnums,
	})
}

func checkEnums(t *rec.Template, r *Reporter) {
	eachType(t, func(typ *rec.Type) {
		if typ.Values == nil {
			return
		}
		list := typ.Values.List
		if len(list) == 0 || len(list) > rec.MaxEnum {
			r.Addf(typ.Values.Span, "an enum has 1 to %d values, not %d", rec.MaxEnum, len(list))
			return
		}
		seen := make(map[string]string, len(list))
		for _, v := range list {
			if v.Kind == rec.KindString {
				checkEnumValue(v, seen, r)
			}
		}
	})
}

func checkEnumValue(v *rec.Value, seen map[string]string, r *Reporter) {
	lower := strings.ToLower(v.Text)
	first, dup := seen[lower]
	seen[lower] = v.Text
	switch n := utf8.RuneCountInString(v.Text); {
	case dup && first == v.Text:
		r.Addf(v.Span, "the enum has the value %q twice", clip(v.Text))
	case dup:
		r.Addf(v.Span, "the enum values %q and %q differ by case alone", clip(first), clip(v.Text))
	case n == 0 || n > rec.MaxEnumLength:
		r.Addf(v.Span, "an enum value has 1 to %d characters, not %d", rec.MaxEnumLength, n)
	case strings.TrimSpace(v.Text) != v.Text:
		r.Addf(v.Span, "the enum value %q begins or ends with a space", clip(v.Text))
	case strings.ContainsFunc(v.Text, func(r rune) bool { return !unicode.IsGraphic(r) }):
		r.Addf(v.Span, "the enum value %q has a character that nobody can see", clip(v.Text))
	}
}
