package rec

import (
	"slices"

	"github.com/beds-project/beds/gen/model"
)

// readIndexes reads every access path, table by table. The order does not
// matter: they are sorted by name when they are resolved.
func (t *Template) readIndexes() {
	t.readTable("single_field_indexes", model.IndexSingle, t.singleIndex)
	t.readTable("unique_indexes", model.IndexUnique, t.uniqueIndex)
	t.readTable("compound_indexes", model.IndexCompound, t.compoundIndex)
	t.readTable("ttl_indexes", model.IndexTTL, t.ttlIndex)
	t.readTable("regex_pattern_indexing", model.IndexPattern, t.patternIndex)
	t.settleIndexes()
	t.readPartial(t.Root.Get("partial_indexes"))
	for _, key := range refs(t.Root.Get("index_fields")) {
		if t.indexOver(key.Name, nil) == nil { // another table may say more about the field
			t.fieldIndex("index_fields", model.IndexSingle, key)
		}
	}
}

// settleIndexes lets a TTL or a pattern be declared for a field that has an index
// already: it takes the place of a plain one and stands beside a unique one.
func (t *Template) settleIndexes() {
	for _, ix := range slices.Clone(t.Indexes) {
		if ix.Kind != model.IndexTTL && ix.Kind != model.IndexPattern || len(ix.Keys) != 1 {
			continue
		}
		other := t.indexOver(ix.Keys[0].Name, ix)
		switch {
		case other == nil || other.Name != ix.Name:
		case other.Kind == model.IndexSingle:
			t.Indexes = slices.DeleteFunc(t.Indexes, func(i *Index) bool { return i == other })
		case ix.Kind == model.IndexPattern:
			ix.Name += "_prefix"
		}
	}
}

// indexOver is the index over one field alone, other than the one given, or nil.
func (t *Template) indexOver(field string, but *Index) *Index {
	for _, ix := range t.Indexes {
		if ix != but && ix.Kind != model.IndexPartial && len(ix.Keys) == 1 && ix.Keys[0].Name == field {
			return ix
		}
	}
	return nil
}

// readTable reads one table of indexes. Where the key holds a list instead, each
// element is a field that gets an index of its own.
func (t *Template) readTable(name string, kind model.IndexKind, read func(*Index, *Entry) bool) {
	e := t.Root.Get(name)
	if e == nil {
		return
	}
	for _, key := range refs(e) {
		t.fieldIndex(name, kind, key)
	}
	for _, entry := range table(e).Entries {
		ix := &Index{Name: entry.Key, Span: entry.KeySpan, Table: name, Kind: kind}
		if read(ix, entry) {
			t.Indexes = append(t.Indexes, ix)
		}
	}
}

// fieldIndex declares an index over one field, named after it.
func (t *Template) fieldIndex(table string, kind model.IndexKind, key Ref) {
	t.Indexes = append(t.Indexes, &Index{
		Name: t.Public(key.Name), Span: key.Span, Table: table, Kind: kind, Keys: []Ref{key},
	})
}

// isField reports whether a key of an index table is a field, so that its value
// is a direction or a flag rather than the field itself.
func (t *Template) isField(name string) bool {
	switch name {
	case model.FieldID, model.FieldCreated, model.FieldUpdated, model.FieldRevision, model.FieldDeleted:
		return true
	}
	return t.fields[name] != nil
}

// byField makes an index one over the field that its key names.
func (t *Template) byField(ix *Index, e *Entry, desc bool) {
	ix.Name = t.Public(e.Key)
	ix.Keys = []Ref{{Name: e.Key, Desc: desc, Span: e.KeySpan}}
}

// singleIndex reads name = "field", name = "-field" and field = a direction.
func (t *Template) singleIndex(ix *Index, e *Entry) bool {
	v := e.Value
	switch {
	case v.Kind == KindInteger && (v.Int == 1 || v.Int == -1):
		t.byField(ix, e, v.Int < 0)
	case v.Kind == KindInteger:
		t.problem(ProblemIndexForm, v.Span, "the direction of an index is 1 or -1, not %d", v.Int)
		return false
	case v.Kind == KindString && (v.Text == "asc" || v.Text == "desc") && t.isField(e.Key):
		t.byField(ix, e, v.Text == "desc")
	case v.Kind == KindString:
		ix.Keys = []Ref{ref(v)}
	default:
		return false
	}
	return true
}

// uniqueIndex reads name = "field", name = ["a", "b"] and field = true.
func (t *Template) uniqueIndex(ix *Index, e *Entry) bool {
	v := e.Value
	switch {
	case v.Kind == KindBoolean && v.Bool():
		t.byField(ix, e, false)
	case v.Kind == KindBoolean:
		t.problem(ProblemIndexForm, v.Span, "an index that is not wanted is left out rather than set to false")
		return false
	case v.Kind == KindString:
		ix.Keys = []Ref{ref(v)}
	case v.Kind == KindList:
		ix.Keys = refs(e)
	default:
		return false
	}
	return true
}

// compoundIndex reads name = ["a", "-b"].
func (t *Template) compoundIndex(ix *Index, e *Entry) bool {
	ix.Keys = refs(e)
	return e.Value.Kind == KindList
}

// ttlIndex reads field = "720h".
func (t *Template) ttlIndex(ix *Index, e *Entry) bool {
	t.byField(ix, e, false)
	ix.TTL = t.duration(e)
	return ix.TTL.Set
}

// patternIndex reads field = "prefix". An anchored expression says the same; any
// other would need a scan of the collection.
func (t *Template) patternIndex(ix *Index, e *Entry) bool {
	v := e.Value
	t.byField(ix, e, false)
	switch {
	case v.Kind == KindBoolean && v.Bool():
		return true
	case v.Kind == KindString && (v.Text == "prefix" || len(v.Text) > 0 && v.Text[0] == '^'):
		return true
	case v.Kind == KindString || v.Kind == KindBoolean:
		t.problem(ProblemIndexForm, v.Span, "a pattern index is \"prefix\": an index cannot serve any other pattern")
	}
	return false
}

// readPartial reads the tables of [[partial_indexes]].
func (t *Template) readPartial(e *Entry) {
	if e == nil {
		return
	}
	for _, v := range e.Value.List {
		if v.Kind != KindTable {
			continue
		}
		name := v.Table.Get("name")
		if !text(name).Set {
			continue
		}
		t.Indexes = append(t.Indexes, &Index{
			Name:  text(name).Value,
			Span:  name.Value.Span,
			Table: "partial_indexes",
			Kind:  model.IndexPartial,
			Keys:  refs(v.Table.Get("fields")),
			Where: t.constants(table(v.Table.Get("where"))),
			Doc:   text(v.Table.Get("doc")),
		})
	}
}
