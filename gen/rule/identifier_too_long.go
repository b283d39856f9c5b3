package rule

import (
	"unicode/utf8"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "identifier-too-long",
		Doc: "The names made for MariaDB have at most 64 characters.",
		Cure: "Procedures are called {collection}_by_{index}, {collection}_get_{unique index} and {collection}_q_{query}. Shorten the collection or the " +
			"index's or query's name.",
		check: checkLengths,
	})
}

// maxIdentifier is MariaDB's limit; longestSuffix is what the longest of the
// procedures that every template has adds to its collection.
const (
	maxIdentifier = 64
	longestSuffix = len("_insert")
)

func checkLengths(t *rec.Template, r *Reporter) {
	c := t.Collection
	if !c.Set {
		return
	}
	base := utf8.RuneCountInString(c.Value)
	if base+longestSuffix > maxIdentifier {
		r.Addf(c.Span, "collection %q has %d characters; with what the procedures add, %d are possible", clip(c.Value), base, maxIdentifier-longestSuffix)
		return
	}
	for _, ix := range t.Indexes {
		prefix := "_by_"
		if ix.Kind == model.IndexUnique {
			prefix = "_get_"
		}
		checkLength(ix.Span, c.Value+prefix, ix.Name, r)
	}
	for _, q := range t.Queries {
		checkLength(q.Span, c.Value+"_q_", q.Name, r)
	}
}

func checkLength(at rec.Span, prefix, name string, r *Reporter) {
	if n := utf8.RuneCountInString(prefix + name); n > maxIdentifier {
		r.Addf(at, "the procedure %s would have %d characters; MariaDB allows %d; shorten %q", clip(prefix+name), n, maxIdentifier, clip(name))
	}
}
