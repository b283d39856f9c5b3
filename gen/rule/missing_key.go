package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "missing-key",
		Doc:   "The keys that have no default are there.",
		Cure:  "The message says what the key is for; recs/example_rec.toml shows each one in use.",
		whole: true,
		check: checkMissingKeys,
	})
}

func checkMissingKeys(t *rec.Template, r *Reporter) {
	t.Walk(rec.Visitor{Table: func(table *rec.Table, at rec.Span, s *rec.Shape, in *rec.Path) {
		for _, k := range s.Keys {
			if !k.Required || table.Get(k.Name) != nil {
				continue
			}
			if strayed := findBelow(table, k.Name); in == nil && strayed != nil {
				r.Addf(at, "missing key %q: it stands after a [table] in line %d and so belongs to that; move it up", k.Name, t.At(strayed.KeySpan).Line)
				continue
			}
			r.Addf(at, "missing key %q%s: %s", k.Name, in.In(), k.Doc)
		}
	}})
}

// findBelow looks for a key in the tables of a table.
func findBelow(table *rec.Table, key string) *rec.Entry {
	for _, e := range table.Entries {
		if e.Value.Kind != rec.KindTable {
			continue
		}
		if found := e.Value.Table.Get(key); found != nil {
			return found
		}
	}
	return nil
}
