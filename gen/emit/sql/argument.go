package sql

import "github.com/beds-project/beds/gen/model"

// An argument is a member of the request that a procedure reads into a local
// variable. Names of variables are made here, never by a template.
type argument struct {
	name string // the variable, and the column of JSON_TABLE
	typ  string // of the variable
	json string // of the column in JSON_TABLE, with its path
	expr string // how the column becomes the variable; empty: as it is
}

// arguments are read by one SELECT. A variable is constant while a statement
// runs, so the optimiser folds "(v IS NULL OR column = v)" before it chooses an
// index: one static statement serves every combination of conditions.
type arguments []argument

// value adds a member that holds a value of a type.
func (a *arguments) value(name string, t *model.Type, slack int, path string) {
	arg := argument{name: name, typ: scalarType(t, slack), json: jsonType(t, slack) + " PATH " + path}
	if expr := fromJSON(t, "`r`.`"+name+"`"); expr != "`r`.`"+name+"`" {
		arg.expr = expr
	}
	*a = append(*a, arg)
}

// plain adds a member that needs no conversion.
func (a *arguments) plain(name, typ, path string) {
	*a = append(*a, argument{name: name, typ: typ, json: typ + " PATH " + path})
}

// present adds a variable that is 1 where the member is there, else 0.
func (a *arguments) present(name, path string) {
	*a = append(*a, argument{name: name, typ: "BOOLEAN", json: "INT EXISTS PATH " + path})
}

// declare writes the declarations, neighbours of one type on one line.
func (a arguments) declare(w *writer) {
	for i := 0; i < len(a); {
		w.put("  DECLARE `", a[i].name, "`")
		j := i + 1
		for ; j < len(a) && a[j].typ == a[i].typ; j++ {
			w.put(", `", a[j].name, "`")
		}
		w.put(" ", a[i].typ, ";\n")
		i = j
	}
}

// read writes the SELECT that fills the variables from a JSON text.
func (a arguments) read(w *writer, indent int, from string) {
	w.line(indent, "SELECT")
	for i, arg := range a {
		expr := arg.expr
		if expr == "" {
			expr = "`r`.`" + arg.name + "`"
		}
		w.line(indent+1, expr, comma(i, len(a)))
	}
	w.line(indent, "INTO")
	for i, arg := range a {
		w.line(indent+1, "`", arg.name, "`", comma(i, len(a)))
	}
	w.line(indent, "FROM JSON_TABLE(", from, ", '$' COLUMNS (")
	for i, arg := range a {
		w.line(indent+1, "`", arg.name, "` ", arg.json, comma(i, len(a)))
	}
	w.line(indent, ")) AS `r`;")
}

func comma(i, n int) string {
	if i == n-1 {
		return ""
	}
	return ","
}
