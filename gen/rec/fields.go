package rec

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
)

func (t *Template) readFields(m *Table) {
	t.Fields = t.fieldList(m, new(int))
	t.fields = make(map[string]*Field, len(t.Fields))
	for _, f := range t.Fields {
		t.fields[f.Name] = f
	}
}

// fieldList reads a table of fields; count is the number of those read so far in
// the whole template.
func (t *Template) fieldList(m *Table, count *int) []*Field {
	fields := make([]*Field, 0, min(len(m.Entries), MaxFields))
	for _, e := range m.Entries {
		*count++
		if *count == MaxFields+1 {
			t.problem(ProblemFieldCount, e.KeySpan, "a template has at most %d fields and sub-fields; split the domain, or use an array or a free object", MaxFields)
		}
		if *count > MaxFields {
			break
		}
		if f := t.field(e, count); f != nil {
			fields = append(fields, f)
		}
	}
	return fields
}

// field reads one field in its short or long form.
func (t *Template) field(e *Entry, count *int) *Field {
	f := &Field{Name: e.Key, Span: e.KeySpan}
	switch e.Value.Kind {
	case KindString:
		f.Type = t.shortType(e.Value)
	case KindTable:
		long := e.Value.Table
		f.Type = t.longType(long)
		f.Required = boolean(long.Get("required"))
		f.Doc = text(long.Get("doc"))
		if d := long.Get("default"); d != nil {
			f.Default = d.Value
		}
		t.subFields(f, long.Get("fields"), count)
	default:
		return nil
	}
	return f
}

func (t *Template) subFields(f *Field, e *Entry, count *int) {
	sub := table(e)
	if sub == none {
		return
	}
	if f.Type.Kind != model.Object {
		if f.Type.Kind != "" {
			t.problem(ProblemTypeParams, e.KeySpan, "only an object has fields of its own; %q is of type %s", clip(f.Name), f.Type.Kind)
		}
		return
	}
	f.Sub = t.fieldList(sub, count)
}

func (t *Template) shortType(v *Value) Type {
	r := typeReader{t, v.Span}
	typ := Type{Type: r.parse(v.Text, false), Span: v.Span}
	t.needValues(&typ)
	return typ
}

// longType reads type, max and values.
func (t *Template) longType(long *Table) Type {
	e := long.Get("type")
	name := text(e)
	if !name.Set {
		return Type{}
	}
	r := typeReader{t, name.Span}
	typ := Type{Type: r.parse(name.Value, false), Span: name.Span}
	if typ.Kind == "" {
		return typ
	}
	if typ.Max = integer(long.Get("max")); typ.Max.Set {
		r.span = typ.Max.Span
		if defaultMax(typ.Kind) > 0 && strings.HasSuffix(strings.TrimSpace(name.Value), ")") {
			r.problem(ProblemTypeParams, "the maximum is given twice: in the type and as max; keep one")
			return typ
		}
		if !r.max(&typ.Type, typ.Max.Value) {
			return Type{Span: name.Span}
		}
	}
	if v := long.Get("values"); v != nil && v.Value.Kind == KindList {
		if typ.Enum() == nil {
			t.problem(ProblemTypeParams, v.KeySpan, "only an enum has values, not %s; write type = \"enum\"", typ.Kind)
		} else {
			typ.values(v.Value)
		}
	}
	t.needValues(&typ)
	return typ
}

// needValues makes a type without its enum's values unreadable: no rule could
// say anything else about it.
func (t *Template) needValues(typ *Type) {
	if typ.Kind == "" {
		return
	}
	if e := typ.Enum(); e != nil && typ.Values == nil {
		t.problem(ProblemTypeParams, typ.Span, "an enum needs its values: { type = \"enum\", values = [\"open\", \"closed\"] }")
		typ.Type = model.Type{}
	}
}
