package rec

import "strings"

// A Path leads from the root of a template to a table.
type Path struct {
	up   *Path
	name string
}

// String writes a path like a header: "queries.open". The root is empty.
func (p *Path) String() string {
	var names []string
	for ; p != nil; p = p.up {
		names = append([]string{clip(p.name)}, names...)
	}
	return strings.Join(names, ".")
}

// In says where a table is, to be put behind a word: " in [queries.open]". Of the
// root it says nothing.
func (p *Path) In() string {
	if p == nil {
		return ""
	}
	return " in [" + p.String() + "]"
}

// A Visitor is told what a walk comes across; any of its functions may be nil.
type Visitor struct {
	// Unknown is called for a key that the shape does not know.
	Unknown func(e *Entry, s *Shape, in *Path)
	// Entry is called for every other key.
	Entry func(e *Entry, k *Key, in *Path)
	// Table is called for every table, at is where it begins.
	Table func(t *Table, at Span, s *Shape, in *Path)
}

// Walk compares a template with the format. It does not go into values that are
// of another kind than they should be.
func (t *Template) Walk(v Visitor) { v.table(t.Root, Span{}, Format, nil) }

func (v *Visitor) table(t *Table, at Span, s *Shape, in *Path) {
	if v.Table != nil {
		v.Table(t, at, s, in)
	}
	for _, e := range t.Entries {
		k := s.Find(e.Key)
		if k == nil {
			if v.Unknown != nil {
				v.Unknown(e, s, in)
			}
			continue
		}
		if v.Entry != nil {
			v.Entry(e, k, in)
		}
		if k.Table != nil && e.Value.Kind&k.Kinds != 0 {
			v.below(e, k.Table, &Path{in, e.Key})
		}
	}
}

// below walks the table under a key, or the tables of its list.
func (v *Visitor) below(e *Entry, s *Shape, in *Path) {
	if e.Value.Kind == KindTable {
		v.table(e.Value.Table, e.KeySpan, s, in)
		return
	}
	for _, elem := range e.Value.List {
		if elem.Kind == KindTable {
			v.table(elem.Table, elem.Span, s, in)
		}
	}
}
