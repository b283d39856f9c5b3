package docs

import (
	"fmt"
	"strings"

	"github.com/beds-project/beds/gen/model"
)

// codes lists the errors that this domain's own declarations bring about; any request
// can also fail for the reasons that the envelope, the node and the stores have.
func codes(p *page, t *model.Template) {
	p.paragraph("Errors that this domain's declarations bring about; the others are those of every domain.")
	p.head("code", "when")
	row := func(applies bool, name, when string) {
		if applies {
			p.row(code(name), when)
		}
	}
	public := func(keep func(*model.Field) bool) string { return names(t, keep) }
	required := public(func(f *model.Field) bool { return !f.System && f.Required && f.Default == nil })
	protected := public(func(f *model.Field) bool { return f.Protected })
	secret := public(func(f *model.Field) bool { return f.Secret })
	enums := public(func(f *model.Field) bool { return hasEnum(&f.Type) })
	var unique []string
	for _, ix := range t.Indexes {
		if ix.Unique && ix.Kind != model.IndexPrimary {
			unique = append(unique, code(ix.Name))
		}
	}
	row(t.Closed, "forbidden", "a client uses the template")
	row(!t.Closed && t.Internal, "forbidden", "a client writes")
	row(required != "", "required", "a write lacks, or sets to null, "+required)
	row(t.Behaviour.Locking, "required", "an update or a delete names no revision")
	row(protected != "", "protected", "a request sets "+protected)
	row(secret != "", "unknown_field", "a filter names "+secret+", which nobody can read")
	row(enums != "", "bad_enum", "another value than those listed, in "+enums)
	row(len(unique) > 0, "duplicate", "another record has the same values under "+strings.Join(unique, ", "))
	row(t.Behaviour.Updates || t.Behaviour.Deletes != model.DeletesNone, "not_found", "there is no record with that id, or it is deleted")
	row(t.Behaviour.Updates || t.Behaviour.Deletes != model.DeletesNone, "stale", "the record has another revision than the one named")
	row(!t.Behaviour.Updates, "unsupported", "an update")
	row(t.Behaviour.Deletes == model.DeletesNone, "unsupported", "a delete")
	row(true, "no_access_path", "no access path serves the filter and the sort")
	row(true, "too_large", fmt.Sprintf("a page of more than %d records, a batch of more than %d operations", t.Behaviour.MaxLimit, t.Behaviour.MaxBatch))
}

// hasEnum looks into arrays; within objects a wrong value is a bad_value of the object.
func hasEnum(t *model.Type) bool {
	return t.Kind == model.Enum || t.Kind == model.Array && hasEnum(t.Elem)
}

func names(t *model.Template, keep func(*model.Field) bool) string {
	var list []string
	for _, f := range t.Fields {
		if keep(f) {
			list = append(list, code(f.Public))
		}
	}
	return strings.Join(list, ", ")
}
