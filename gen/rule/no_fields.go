package rule

import "github.com/beds-project/beds/gen/rec"

func init() {
	register(&Rule{
		ID:    "no-fields",
		Doc:   "A template declares at least one field.",
		Cure:  "The system fields alone are no domain; declare what a record holds under [fields].",
		whole: true,
		check: checkNoFields,
	})
}

func checkNoFields(t *rec.Template, r *Reporter) {
	e := t.Root.Get("fields")
	if e != nil && e.Value.Kind == rec.KindTable && len(e.Value.Table.Entries) == 0 {
		r.Addf(e.KeySpan, "the template declares no field")
	}
}
