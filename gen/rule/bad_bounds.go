package rule

import (
	"time"

	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-bounds",
		Doc: "max_batch, max_limit and the limits of queries are 1 to 1000; a cache keeps for a day at most.",
		Cure: "They bound what one message can ask of a node. A query's limit is at most max_limit, which is 100 where " +
			"it is not set.",
		check: checkBounds,
	})
}

const (
	maxBound = 1000
	maxCache = 24 * time.Hour
)

func checkBounds(t *rec.Template, r *Reporter) {
	b := &t.Behaviour
	for _, bound := range []struct {
		key string
		n   rec.Opt[int64]
	}{{"max_batch", b.MaxBatch}, {"max_limit", b.MaxLimit}} {
		if bound.n.Set && (bound.n.Value < 1 || bound.n.Value > maxBound) {
			r.Addf(bound.n.Span, "%s is 1 to %d, not %d", bound.key, maxBound, bound.n.Value)
		}
	}
	most := b.MaxLimit.Or(rec.DefaultMaxLimit)
	for _, q := range t.Queries {
		if q.Limit.Set && (q.Limit.Value < 1 || q.Limit.Value > most) {
			r.Addf(q.Limit.Span, "the limit of query %q is 1 to %d (max_limit in [behaviour]), not %d", clip(q.Name), most, q.Limit.Value)
		}
	}
	if c := b.Cache; c.Value > maxCache {
		r.Addf(c.Span, "a cache keeps records for 24h at most, not %s", c.Value)
	}
}
