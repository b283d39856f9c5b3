package rule

import (
	"time"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "ttl-field",
		Doc: "Records vanish by a timestamp that they surely have, after whole seconds.",
		Cure: "Use a system field such as created, or a required timestamp. MongoDB counts in seconds, up to 2147483647 " +
			"(68 years).",
		whole: true,
		check: checkTTL,
	})
}

// maxTTL is the largest expireAfterSeconds of MongoDB.
const maxTTL = (1<<31 - 1) * time.Second

func checkTTL(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		if ix.Kind != model.IndexTTL {
			continue
		}
		if d := ix.TTL; d.Value%time.Second != 0 || d.Value > maxTTL {
			r.Addf(d.Span, "the age of %q is not 1 to 2147483647 whole seconds", clip(ix.Name))
		}
		f, ok := typed(t, ix.Keys[0].Name)
		switch {
		case !ok:
		case f.Type.Kind != model.Timestamp:
			r.Addf(ix.Keys[0].Span, "field %q in ttl_indexes is of type %s; records age by a timestamp", f.Name, f.Type.Kind)
		case !f.Required && !f.System:
			r.Addf(ix.Keys[0].Span, "field %q in ttl_indexes is not required; a record without it would never vanish", f.Name)
		}
	}
}
