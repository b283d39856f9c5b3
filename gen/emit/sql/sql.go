// Package sql emits what a DBA reviews and owns: tables, views, indexes, stored
// procedures, events and grants for MariaDB, one object a file. DESIGN.md §5 is
// the contract. Every procedure takes one JSON argument and answers with result
// sets; no statement is built at run time.
package sql

import (
	"sync"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// Files returns the SQL of a set of templates, in the order of installation,
// install.sql last. Paths begin with "sql/".
func Files(set *model.Set) []emit.File {
	files := Shared()
	for _, t := range set.Templates {
		files = append(files, Template(t)...)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return append(files, Install(paths))
}

// writers keeps memory between templates; each file is copied at its size.
var writers = sync.Pool{New: func() any { return new(writer) }}

// Template returns the files of one template. The order is the one of installation:
// what an object refers to comes before it.
func Template(t *model.Template) []emit.File {
	w := writers.Get().(*writer)
	defer writers.Put(w)
	e := &emitter{t: t, dir: "sql/" + t.Collection + "/", w: w}
	files := []emit.File{e.table(), e.indexes(), e.view(), e.insert(), e.get()}
	for _, ix := range t.Indexes {
		if ix.Identifies() {
			files = append(files, e.getBy(ix))
		}
		files = append(files, e.by(ix))
	}
	for _, q := range t.Queries {
		files = append(files, e.query(q))
	}
	if t.Behaviour.Updates {
		files = append(files, e.update())
	}
	if t.Behaviour.Deletes != model.DeletesNone {
		files = append(files, e.delete())
	}
	files = append(files, e.count())
	if t.Behaviour.AdHoc {
		files = append(files, e.find())
	}
	for _, ix := range t.Indexes {
		if ix.Kind == model.IndexTTL {
			files = append(files, e.ttlEvent(ix))
		}
	}
	return append(files, e.grants())
}

// An emitter emits the files of one template.
type emitter struct {
	t    *model.Template
	dir  string
	w    *writer        // its buffer serves every file
	list string         // see returnedList
	sets []*model.Field // see settable
}

// writer returns an empty writer.
func (e *emitter) writer() *writer {
	e.w.buf = e.w.buf[:0]
	return e.w
}

// tableName quotes the template's table.
func (e *emitter) tableName() string { return ident(e.t.Collection) }

// live is the condition of a record that is there, with a leading conjunction.
func (e *emitter) live(conjunction string) string {
	if !e.t.SoftDeletes() {
		return ""
	}
	return conjunction + "`t`.`deleted` IS NULL"
}

// returned are the fields that a reading procedure returns.
func (e *emitter) returned() []*model.Field {
	fields := make([]*model.Field, 0, len(e.t.Fields))
	for _, f := range e.t.Fields {
		if !f.Secret {
			fields = append(fields, f)
		}
	}
	return fields
}

// returnedList is the select list of a reading procedure.
func (e *emitter) returnedList() string {
	if e.list != "" {
		return e.list
	}
	var w writer
	sep := separator{text: ", "}
	for _, f := range e.returned() {
		w.put(sep.next(), "`t`.", ident(f.Name))
	}
	e.list = string(w.buf)
	return e.list
}

// column is a field of the table under its alias.
func column(f *model.Field) string { return "`t`." + ident(f.Name) }

// Install returns install.sql, which applies every file in the order of the paths:
// those of Shared, then those of each template.
func Install(paths []string) emit.File {
	w := &writer{buf: make([]byte, 0, 64*len(paths)+1024)}
	w.put(marker, "--\n")
	for _, l := range []string{
		"Applies every object in order. Run it from inside this folder, in the database of BEDS:",
		"",
		"    mariadb -u root -p beds_dev < install.sql",
		"",
		"Applying it again changes nothing that is up to date, drops no data and revokes no right.",
		"`beds sql install` does the same and reports file and line of an error.",
	} {
		w.note(0, l)
	}
	w.put("\n")
	for _, p := range paths {
		w.put("SOURCE ", p[len("sql/"):], "\n")
	}
	return w.file("sql/install.sql")
}
