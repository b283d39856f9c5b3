package rule

import (
	"slices"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "go-collision",
		Doc: "No two names of a template become one Go identifier.",
		Cure: "Underscores vanish and initialisms become capitals, so line_1 and line1 both " +
			"become Line1. Rename one of the two.",
		check: checkGoNames,
	})
}

func checkGoNames(t *rec.Template, r *Reporter) {
	fields := newScope(r, "field", len(t.Fields)+len(softSystem))
	for _, f := range systemFields(t) {
		fields.reserve(model.GoName(f.Name), f.Name)
	}
	for _, f := range t.Fields {
		if bare := t.Bare(f.Name); !isSystem(bare) { // else the rule system-field reports it
			fields.declare(model.GoName(bare), f.Name, f.Span)
		}
		subFieldScope(f.Sub, r)
	}
	queries := newScope(r, "query", len(t.Queries))
	for _, q := range t.Queries {
		queries.declare(model.GoName(q.Name), q.Name, q.Span)
	}
	indexes := newScope(r, "index", len(t.Indexes))
	seen := make(map[string]bool, len(t.Indexes))
	for _, ix := range t.Indexes {
		if !seen[ix.Name] { // two of one name are for the rule duplicate-index
			indexes.declare(model.GoName(ix.Name), ix.Name, ix.Span)
		}
		seen[ix.Name] = true
	}
	checkObjectTypes(t, r)
}

// checkObjectTypes looks at the types of objects, which share the package's scope
// with the constants of fields and the constructors of queries.
func checkObjectTypes(t *rec.Template, r *Reporter) {
	if !slices.ContainsFunc(t.Fields, func(f *rec.Field) bool { return len(f.Sub) > 0 }) {
		return
	}
	types := newScope(r, "object", 2*len(t.Fields))
	for _, f := range t.Fields {
		types.reserve("Field"+model.GoName(t.Bare(f.Name)), f.Name)
	}
	for _, q := range t.Queries {
		types.reserve("Query"+model.GoName(q.Name), q.Name)
	}
	objectScope(t.Fields, "", t.Bare, types)
}

func subFieldScope(list []*rec.Field, r *Reporter) {
	if len(list) == 0 {
		return
	}
	s := newScope(r, "sub-field", len(list))
	for _, f := range list {
		s.declare(model.GoName(f.Name), f.Name, f.Span)
		subFieldScope(f.Sub, r)
	}
}

// objectScope declares the types of objects, which are named after their path.
func objectScope(list []*rec.Field, path string, bare func(string) string, types *scope) {
	for _, f := range list {
		if len(f.Sub) == 0 {
			continue
		}
		name := path + model.GoName(bare(f.Name))
		types.declare(name+"Object", f.Name, f.Span)
		objectScope(f.Sub, name, func(s string) string { return s }, types)
	}
}

// A scope is a set of Go identifiers, each with the name from which it was made.
type scope struct {
	r     *Reporter
	what  string
	names map[string]string
}

func newScope(r *Reporter, what string, size int) *scope {
	return &scope{r, what, make(map[string]string, size)}
}

func (s *scope) reserve(ident, name string) { s.names[ident] = name }

// declare takes an identifier, or reports that it is taken.
func (s *scope) declare(ident, name string, at rec.Span) {
	if other, taken := s.names[ident]; taken {
		s.r.Addf(at, "%s names %q and %q both become the Go name %s; rename one", s.what, clip(other), clip(name), clip(ident))
		return
	}
	s.reserve(ident, name)
}
