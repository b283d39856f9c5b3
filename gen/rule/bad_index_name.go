package rule

import (
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-index-name",
		Doc: "An index's name begins with a lower-case letter and goes on with letters, digits and underscores.",
		Cure: "It is part of a procedure's name and, as CamelCase, of a Go function's. The name id belongs to the " +
			"primary key; primary and gen_clust_index are InnoDB's own.",
		check: checkIndexPattern,
	})
}

// innodbNames are the index names that MariaDB refuses, whatever the case.
var innodbNames = []string{"primary", "gen_clust_index"}

func checkIndexPattern(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		switch {
		case slices.Contains(innodbNames, strings.ToLower(ix.Name)):
			r.Addf(ix.Span, "index name %q in %s belongs to InnoDB, which refuses it even in quotes", ix.Name, ix.Table)
		case ix.Name == model.FieldID:
			r.Addf(ix.Span, "index name \"id\" in %s belongs to the primary key, which is there already", ix.Table)
		case !subFieldPattern.MatchString(ix.Name):
			r.Addf(ix.Span, "index name %q in %s is not 1 to 64 letters, digits and underscores that begin with a lower-case letter", clip(ix.Name), ix.Table)
		}
	}
}
