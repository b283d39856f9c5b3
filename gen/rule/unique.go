package rule

import (
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

// unique makes a check that no two templates of a set have one value under a key.
func unique(key string, value func(*rec.Template) rec.Opt[string]) func([]*rec.Template, *Reporter) {
	return func(set []*rec.Template, r *Reporter) {
		first := make(map[string]*rec.Template, len(set))
		for _, t := range set {
			v := value(t)
			if !v.Set || v.Value == "" {
				continue
			}
			folded := strings.ToLower(v.Value)
			other, taken := first[folded]
			if !taken {
				first[folded] = t
				continue
			}
			r.AddTo(t, v.Span, "%s %q is taken by %s:%d", key, clip(v.Value), other.File, other.At(value(other).Span).Line)
		}
	}
}
