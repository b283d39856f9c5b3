package rule

import (
	"unicode/utf8"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

// A field is what rules need to know of a declared or a system field.
type field struct {
	Name     string
	Type     *model.Type // Kind is empty where the type could not be read
	Required bool
	System   bool
}

var (
	softSystem = systemList(model.DeletesSoft)
	hardSystem = systemList(model.DeletesHard)
)

func systemList(d model.Deletes) []field {
	var list []field
	for _, f := range model.SystemFields(d) {
		list = append(list, field{f.Name, &f.Type, f.Required, true})
	}
	return list
}

// systemFields returns the system fields that a template has.
func systemFields(t *rec.Template) []field {
	if t.SoftDeletes() {
		return softSystem
	}
	return hardSystem
}

// isSystem reports whether a name is that of a system field of any template.
func isSystem(name string) bool {
	for _, f := range softSystem {
		if f.Name == name {
			return true
		}
	}
	return false
}

// lookup finds a field by its store name.
func lookup(t *rec.Template, name string) (field, bool) {
	if f := t.Field(name); f != nil {
		return field{f.Name, &f.Type.Type, f.Required.Value, false}, true
	}
	for _, f := range systemFields(t) {
		if f.Name == name {
			return f, true
		}
	}
	return field{}, false
}

// typed finds a field whose type is known.
func typed(t *rec.Template, name string) (field, bool) {
	f, ok := lookup(t, name)
	return f, ok && f.Type.Kind != ""
}

// eachPathRef calls f for every field that an access path names.
func eachPathRef(t *rec.Template, f func(ref rec.Ref, where string)) {
	for _, ix := range t.Indexes {
		for _, key := range ix.Keys {
			f(key, ix.Table)
		}
		for _, c := range ix.Where {
			f(c.Field, "the where of index "+clip(ix.Name))
		}
	}
	for _, q := range t.Queries {
		for _, c := range q.Where {
			f(c.Field, "the filter of query "+clip(q.Name))
		}
		for _, key := range q.Sort {
			f(key, "the sort of query "+clip(q.Name))
		}
	}
}

// eachType calls f for the type of every field, sub-field and parameter.
func eachType(t *rec.Template, f func(*rec.Type)) {
	eachFieldType(t.Fields, f)
	for _, q := range t.Queries {
		for _, p := range q.Params {
			f(&p.Type)
		}
	}
}

func eachFieldType(list []*rec.Field, f func(*rec.Type)) {
	for _, field := range list {
		f(&field.Type)
		eachFieldType(field.Sub, f)
	}
}

// clip shortens a text of the template for a message.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "…"
}
