package rule

import (
	"regexp"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-warehouse",
		Doc: "Records age from hot to cool to cold.",
		Cure: "Give at least one of the stages cool and cold; cold begins later than cool. Nodes have names of " +
			"lower-case letters, digits, underscores and dashes. A record that a TTL index removes first never gets there.",
		whole: true,
		check: checkWarehouse,
	})
}

var nodePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)

func checkWarehouse(t *rec.Template, r *Reporter) {
	if !t.HasWarehouse {
		return
	}
	if len(t.Root.Get("warehouse").Value.Table.Entries) == 0 {
		r.Addf(t.Root.Get("warehouse").KeySpan, "[warehouse] has no stage; give cool or cold, or drop it")
	}
	for i, s := range t.Warehouse {
		if s.Node.Set && !nodePattern.MatchString(s.Node.Value) {
			r.Addf(s.Node.Span, "node %q is not segundo or the name of a node in lower-case letters", clip(s.Node.Value))
		}
		if i > 0 && s.After.Set && s.After.Value <= t.Warehouse[i-1].After.Value {
			r.Addf(s.After.Span, "%s begins no later than %s", s.Name, t.Warehouse[i-1].Name)
		}
		checkOutlived(t, s, r)
	}
}

// checkOutlived reports a stage that begins when the record is gone.
func checkOutlived(t *rec.Template, s *rec.Stage, r *Reporter) {
	for _, ix := range t.Indexes {
		if ix.Kind == model.IndexTTL && ix.Keys[0].Name == model.FieldCreated && s.After.Set && s.After.Value >= ix.TTL.Value {
			r.Addf(s.After.Span, "records vanish by ttl_indexes before they become %s", s.Name)
		}
	}
}
