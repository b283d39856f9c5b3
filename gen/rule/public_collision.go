package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "public-collision",
		Doc: "No two fields have one public name, whatever the case and the underscores.",
		Cure: "Callers in other languages map names to their own style, so last_seen and lastSeen are one name to " +
			"them. Change one of the two in [cache_map].",
		check: checkPublicCollisions,
	})
}

func checkPublicCollisions(t *rec.Template, r *Reporter) {
	first := make(map[string]string, len(t.Fields))
	for _, f := range t.Fields {
		public := t.Public(f.Name)
		key := strings.ToLower(strings.ReplaceAll(public, "_", ""))
		if other, taken := first[key]; taken {
			r.Addf(f.Span, "fields %q and %q have the public names %q and %q, which are alike", clip(other), clip(f.Name), clip(t.Public(other)), clip(public))
			continue
		}
		first[key] = f.Name
	}
}
