package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "unknown-key",
		Doc: "Every key is one of the format's.",
		Cure: "A key that is not known is never ignored: it would be a promise that nobody keeps. Root keys must stand " +
			"before the first [table], since TOML counts everything after a header as part of its table.",
		check: checkUnknownKeys,
	})
}

func checkUnknownKeys(t *rec.Template, r *Reporter) {
	t.Walk(rec.Visitor{Unknown: func(e *rec.Entry, s *rec.Shape, in *rec.Path) {
		if s != rec.Format && rec.Format.Find(e.Key) != nil {
			r.Addf(e.KeySpan, "unknown key %q%s; it belongs to the root, before the first [table]", e.Key, in.In())
			return
		}
		hint, names := "", s.Names()
		if nearest(e.Key, names) == "" {
			hint = "; known are " + strings.Join(names, ", ")
		}
		r.Suggest(e.KeySpan, e.Key, names, "unknown key %q%s%s", clip(e.Key), in.In(), hint)
	}})
}
