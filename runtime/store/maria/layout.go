package maria

import (
	"slices"
	"strconv"

	"github.com/beds-project/beds/runtime"
)

// A layout is what the calls of a template need, put together once.
type layout struct {
	t *runtime.Template
	// returned are the fields of a reading procedure's columns.
	returned []int
	// columns are their names.
	columns []string
	// settable are the declared fields in the order of the procedures' columns, short
	// values first (gen/emit/sql/write.go): the server walks through a row from its
	// beginning to every value.
	settable []int
	// members are the fields' names as JSON members: "email_exm":
	members []string

	get, insert, update, remove, count, find string
}

func (s *Store) layout(t *runtime.Template) *layout {
	if l, ok := s.layouts.Load(t); ok {
		return l.(*layout)
	}
	l, _ := s.layouts.LoadOrStore(t, newLayout(t))
	return l.(*layout)
}

func newLayout(t *runtime.Template) *layout {
	l := &layout{
		t: t, get: t.Collection + "_get", insert: t.Collection + "_insert", update: t.Collection + "_update",
		remove: t.Collection + "_delete", count: t.Collection + "_count", find: t.Collection + "_find",
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		l.members = append(l.members, string(appendString(nil, f.Name))+":")
		if !f.Secret {
			l.returned = append(l.returned, i)
			l.columns = append(l.columns, f.Name)
		}
	}
	for i := firstDeclared(t); i < len(t.Fields); i++ {
		l.settable = append(l.settable, i)
	}
	slices.SortStableFunc(l.settable, func(a, b int) int { return length(t.Fields[a].Type.Kind) - length(t.Fields[b].Type.Kind) })
	return l
}

func firstDeclared(t *runtime.Template) int {
	if t.SoftDeletes() {
		return runtime.FieldDeleted + 1
	}
	return runtime.FieldRevision + 1
}

// length ranks kinds by the length of their values.
func length(k runtime.Kind) int {
	switch k {
	case runtime.Text, runtime.Binary, runtime.Object, runtime.Array:
		return 2
	case runtime.String, runtime.GUIDKind:
		return 1
	}
	return 0
}

// A procedure is an object that the database must have.
type procedure struct {
	name, comment string
}

// sharedVersion stands in the comments of the procedures that serve all templates.
const sharedVersion = "v1 shared-1"

// sharedProcedures serve all templates.
var sharedProcedures = []procedure{
	{"beds_prune", "beds beds_prune " + sharedVersion},
	{"beds_versions", "beds beds_versions " + sharedVersion},
}

// procedures lists what the calls of a template need.
func procedures(t *runtime.Template) []procedure {
	var list []procedure
	add := func(suffix string) {
		name := t.Collection + "_" + suffix
		list = append(list, procedure{name, "beds " + name + " v" + strconv.Itoa(t.Version) + " " + t.Fingerprint})
	}
	add("get")
	add("insert")
	add("count")
	for i := range t.Indexes {
		if t.Indexes[i].Identifies() {
			add("get_" + t.Indexes[i].Name)
		}
		add("by_" + t.Indexes[i].Name)
	}
	for i := range t.Queries {
		add("q_" + t.Queries[i].Name)
	}
	if t.Behaviour.Updates {
		add("update")
	}
	if t.Behaviour.Deletes != runtime.DeletesNone {
		add("delete")
	}
	if t.Behaviour.AdHoc {
		add("find")
	}
	return list
}
