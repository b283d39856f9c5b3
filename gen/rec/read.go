package rec

import (
	"strings"
	"time"
)

// read fills the declarations from the tree.
func (t *Template) read() {
	r := t.Root
	t.Version = integer(r.Get("version"))
	t.Schema = text(r.Get("schema"))
	t.Service = text(r.Get("service"))
	t.Class = text(r.Get("template_class"))
	t.Collection = text(r.Get("collection"))
	t.Extension = text(r.Get("extension"))
	t.Doc = text(r.Get("doc"))
	t.ClosedClass = boolean(r.Get("closed_class"))
	t.IsInternal = boolean(r.Get("is_internal"))
	t.readBehaviour(table(r.Get("behaviour")))
	t.readFields(table(r.Get("fields")))
	t.Protected = refs(r.Get("protected_fields"))
	t.Secret = refs(r.Get("secret_fields"))
	t.readAliases(table(r.Get("cache_map")))
	t.readIndexes()
	t.readQueries(table(r.Get("queries")))
	t.readWarehouse(r.Get("warehouse"))
}

func (t *Template) readBehaviour(b *Table) {
	t.Behaviour = Behaviour{
		Updates:  boolean(b.Get("updates")),
		Deletes:  text(b.Get("deletes")),
		Audit:    boolean(b.Get("audit")),
		Journal:  boolean(b.Get("journal")),
		Locking:  boolean(b.Get("locking")),
		MaxBatch: integer(b.Get("max_batch")),
		MaxLimit: integer(b.Get("max_limit")),
		AdHoc:    boolean(b.Get("ad_hoc")),
	}
	t.Behaviour.Cache = t.cache(b.Get("cache"))
}

// cache reads a duration, "off" or false.
func (t *Template) cache(e *Entry) Opt[time.Duration] {
	s, flag := text(e), boolean(e)
	switch {
	case s.Set && s.Value == "off":
		return Opt[time.Duration]{Span: s.Span, Set: true}
	case flag.Set && flag.Value:
		t.problem(ProblemDuration, flag.Span, "cache needs a duration such as \"30s\"; \"off\" is the only other value")
	case flag.Set:
		return Opt[time.Duration]{Span: flag.Span, Set: true}
	}
	return t.duration(e)
}

func (t *Template) readAliases(m *Table) {
	t.public = make(map[string]string, len(m.Entries))
	for _, e := range m.Entries {
		if public := text(e); public.Set {
			t.Aliases = append(t.Aliases, Alias{Ref{Name: e.Key, Span: e.KeySpan}, public.Value, public.Span})
			t.public[e.Key] = public.Value
		}
	}
}

func (t *Template) readWarehouse(e *Entry) {
	w := table(e)
	t.HasWarehouse = e != nil && e.Value.Kind == KindTable
	for _, name := range []string{"cool", "cold"} {
		stage := w.Get(name)
		if stage == nil || stage.Value.Kind != KindTable {
			continue
		}
		s := stage.Value.Table
		t.Warehouse = append(t.Warehouse, &Stage{
			Name:   name,
			Span:   stage.KeySpan,
			After:  t.duration(s.Get("after")),
			Node:   text(s.Get("node")),
			Format: text(s.Get("format")),
		})
	}
}

// Public returns the name under which callers know a field.
func (t *Template) Public(field string) string {
	if public, ok := t.public[field]; ok {
		return public
	}
	return t.Bare(field)
}

// Bare returns a field's name without its TLA.
func (t *Template) Bare(field string) string {
	if t.TLA() == "" {
		return field
	}
	return strings.TrimSuffix(field, t.Extension.Value)
}

// duration reads a duration; what is none is a problem.
func (t *Template) duration(e *Entry) Opt[time.Duration] {
	s := text(e)
	if !s.Set {
		return Opt[time.Duration]{}
	}
	d, err := ParseDuration(s.Value)
	if err != nil {
		t.problem(ProblemDuration, s.Span, "%v", err)
		return Opt[time.Duration]{}
	}
	return Opt[time.Duration]{d, s.Span, true}
}

// The functions below take the value of an entry if it has the right kind. A
// missing entry and one of another kind are the same to them.

func text(e *Entry) Opt[string] {
	if e == nil || e.Value.Kind != KindString {
		return Opt[string]{}
	}
	return Opt[string]{e.Value.Text, e.Value.Span, true}
}

func integer(e *Entry) Opt[int64] {
	if e == nil || e.Value.Kind != KindInteger {
		return Opt[int64]{}
	}
	return Opt[int64]{e.Value.Int, e.Value.Span, true}
}

func boolean(e *Entry) Opt[bool] {
	if e == nil || e.Value.Kind != KindBoolean {
		return Opt[bool]{}
	}
	return Opt[bool]{e.Value.Bool(), e.Value.Span, true}
}

// none stands for a missing table, so that callers need no nil checks.
var none = &Table{}

func table(e *Entry) *Table {
	if e == nil || e.Value.Kind != KindTable {
		return none
	}
	return e.Value.Table
}

// refs reads a list of field names, each with an optional minus.
func refs(e *Entry) []Ref {
	if e == nil {
		return nil
	}
	var list []Ref
	for _, v := range e.Value.List {
		if v.Kind == KindString {
			list = append(list, ref(v))
		}
	}
	return list
}

func ref(v *Value) Ref {
	name, desc := strings.CutPrefix(v.Text, "-")
	return Ref{Name: name, Desc: desc, Span: v.Span}
}
