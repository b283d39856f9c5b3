package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "wrong-type",
		Doc:   "A value has the TOML type that its key asks for.",
		Cure:  "Texts need quotes, numbers and true or false have none; lists stand in [ ], tables in { } or under a [header].",
		check: checkTypes,
	})
}

func checkTypes(t *rec.Template, r *Reporter) {
	t.Walk(rec.Visitor{Entry: func(e *rec.Entry, k *rec.Key, in *rec.Path) {
		v := e.Value
		if v.Kind&k.Kinds == 0 {
			hint := ""
			if k.Name == "" && in != nil && rec.Format.Find(e.Key) != nil {
				hint = "; a root key belongs before the first [table]"
			}
			r.Addf(v.Span, "%q%s must be %s, not %s%s", clip(e.Key), in.In(), k.Kinds, v.Kind, hint)
			return
		}
		if v.Kind != rec.KindList || k.Elem == 0 {
			return
		}
		for _, elem := range v.List {
			if elem.Kind&k.Elem == 0 {
				r.Addf(elem.Span, "the elements of %q%s must each be %s, not %s", clip(e.Key), in.In(), k.Elem, elem.Kind)
			}
		}
	}})
}
