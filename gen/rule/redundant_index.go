package rule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "redundant-index",
		Doc: "No two indexes have the same keys.",
		Cure: "Each one costs every write. An index can be read from both ends, so one with all directions turned " +
			"round is the same. Unique and TTL indexes are access paths too; a pattern index may stand beside another, " +
			"since it allows an operator of its own.",
		check: checkRedundant,
	})
}

func checkRedundant(t *rec.Template, r *Reporter) {
	first := make(map[string]*rec.Index, len(t.Indexes))
	for _, ix := range t.Indexes {
		if len(ix.Keys) == 0 {
			continue
		}
		key := shapeOf(ix)
		other, taken := first[key]
		if !taken {
			first[key] = ix
			continue
		}
		if other.Name == ix.Name {
			continue // the rule duplicate-index reports it
		}
		r.Addf(ix.Span, "index %q in %s has the keys of %q in %s (line %d); drop one of them",
			clip(ix.Name), ix.Table, clip(other.Name), other.Table, t.At(other.Span).Line)
	}
}

// shapeOf is equal for two indexes that serve the same requests. The direction of
// each key counts relative to that of the first.
func shapeOf(ix *rec.Index) string {
	var b strings.Builder
	switch ix.Kind {
	case model.IndexPattern:
		b.WriteString("pattern ")
	case model.IndexPartial:
		where := make([]string, len(ix.Where))
		for i, c := range ix.Where {
			where[i] = fmt.Sprintf("%q=%q ", c.Field.Name, c.Operand.Text)
		}
		slices.Sort(where)
		b.WriteString(strings.Join(where, ""))
	}
	for _, k := range ix.Keys {
		fmt.Fprintf(&b, "%q%t ", k.Name, k.Desc != ix.Keys[0].Desc)
	}
	return b.String()
}
