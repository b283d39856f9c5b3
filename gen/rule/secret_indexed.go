package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:  "secret-indexed",
		Doc: "A secret field is in no index, filter or sort.",
		Cure: "Whoever can filter or sort by a secret can find it out by asking often enough. Index a derived value " +
			"that may be known, or look the record up by another field.",
		whole: true,
		check: checkSecrets,
	})
}

func checkSecrets(t *rec.Template, r *Reporter) {
	if len(t.Secret) == 0 {
		return
	}
	secret := make(map[string]bool, len(t.Secret))
	for _, s := range t.Secret {
		secret[s.Name] = true
	}
	eachPathRef(t, func(ref rec.Ref, where string) {
		if secret[ref.Name] {
			r.Addf(ref.Span, "secret field %q in %s: whoever can filter or sort by it can find it out", ref.Name, where)
		}
	})
}
