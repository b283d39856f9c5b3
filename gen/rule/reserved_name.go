package rule

import (
	"go/token"
	"slices"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "reserved-name",
		Doc: "Templates, classes and queries keep clear of names that Go or the generated code use.",
		Cure: "A template's name becomes a Go package, a query's a method of the typed client. Keywords, predeclared " +
			"names and names that Go or the generated package give a meaning would not compile. SQL's reserved words do " +
			"no harm: every identifier is quoted there.",
		check: checkReserved,
	})
}

// declared are the names that every generated package declares, and those that
// hand-written files of such a package are most likely to use.
var declared = []string{"Client", "Core", "Fields", "New", "NewClient", "NewCore", "Record", "Row", "Template"}

// clientMethods are the members of the typed client that a query would hide.
var clientMethods = []string{
	"Count", "Delete", "Domain", "Fetch", "Get", "Query", "Update", "Write", "WriteAll",
}

// directories are those to which the go command gives a meaning of their own.
var directories = []string{"init", "internal", "main", "testdata", "vendor"}

func checkReserved(t *rec.Template, r *Reporter) {
	name := (&model.Template{Name: t.Name}).Package()
	switch {
	case token.IsKeyword(name):
		r.Addf(rec.Span{}, "template name %q is a keyword of Go and cannot be a package; rename the file", t.Name)
	case slices.Contains(predeclared, name):
		r.Addf(rec.Span{}, "template name %q would hide what Go declares under that name; rename the file", t.Name)
	case slices.Contains(directories, name):
		r.Addf(rec.Span{}, "template name %q has a meaning for the go command; rename the file", t.Name)
	}
	if slices.Contains(declared, t.Class.Value) {
		r.Addf(t.Class.Span, "template_class %q is a name that every generated package declares", t.Class.Value)
	}
	for _, q := range t.Queries {
		name := model.GoName(q.Name)
		if slices.Contains(declared, name) || slices.Contains(clientMethods, name) {
			r.Addf(q.Span, "query %q would be the method %s, which the client has already; choose another name", q.Name, name)
		}
	}
}

var predeclared = []string{
	"any", "append", "bool", "byte", "cap", "clear", "close", "comparable", "complex", "complex128", "complex64",
	"copy", "delete", "error", "false", "float32", "float64", "imag", "int", "int16", "int32", "int64", "int8",
	"iota", "len", "make", "max", "min", "new", "nil", "panic", "print", "println", "real", "recover", "rune",
	"string", "true", "uint", "uint16", "uint32", "uint64", "uint8", "uintptr",
}
