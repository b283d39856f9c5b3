package sql

import (
	"strings"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// The longest comments that MariaDB keeps.
const (
	maxColumnComment = 1024
	maxTableComment  = 2048
)

// table emits the table and, for a later version of the template, the columns
// that an older table lacks.
func (e *emitter) table() emit.File {
	w := e.writer()
	w.head(
		e.t.Collection+": the records of the template "+e.t.Name+".",
		e.t.Doc,
		"",
		"Written and read by the procedures of this folder only.",
		"This is a proposal: the DBA may partition it, move it or add columns that may be null, as long as the",
		"procedures keep their signatures. Columns that a later version of the template adds are added here; the",
		"definition of an existing column is never changed, that is the DBA's to do.",
	)
	w.quiet()
	w.put("CREATE TABLE IF NOT EXISTS ", e.tableName(), " (\n")
	for _, f := range e.t.Fields {
		w.line(1, columnDefinition(f), ",")
	}
	w.line(1, "PRIMARY KEY (`id`)")
	w.put(") ENGINE = InnoDB DEFAULT", textual, " ROW_FORMAT = DYNAMIC\n  COMMENT = ",
		docLiteral(e.t.Doc, maxTableComment), ";\n")
	e.addColumns(w)
	w.loud()
	w.tail()
	return w.file(e.dir + "table.sql")
}

// addColumns upgrades a table of an older version. Columns that are there are
// passed over, so the statement does nothing to a table of this version.
func (e *emitter) addColumns(w *writer) {
	fields := e.t.Declared()
	if e.t.SoftDeletes() {
		fields = append([]*model.Field{e.t.Fields[4]}, fields...)
	}
	if len(fields) == 0 {
		return
	}
	w.put("\nALTER TABLE ", e.tableName(), "\n")
	for i, f := range fields {
		end := ","
		if i == len(fields)-1 {
			end = ";"
		}
		w.line(1, "ADD COLUMN IF NOT EXISTS ", columnDefinition(f), end)
	}
}

// columnDefinition is a column with its type, default, check and comment.
func columnDefinition(f *model.Field) string {
	var b strings.Builder
	b.WriteString(ident(f.Name) + " " + columnType(&f.Type))
	if f.Required {
		b.WriteString(" NOT NULL")
	} else {
		b.WriteString(" NULL")
	}
	if f.Default != nil && !f.Default.Null {
		b.WriteString(" DEFAULT " + defaultValue(f))
	}
	if f.Doc != "" {
		b.WriteString(" COMMENT " + docLiteral(f.Doc, maxColumnComment))
	}
	switch {
	case isJSON(&f.Type):
		b.WriteString(" CHECK (JSON_VALID(" + ident(f.Name) + "))")
	case f.Type.Kind == model.Enum:
		b.WriteString(" CHECK (" + ident(f.Name) + " IN (" + enumValues(f.Type.Values) + "))")
	}
	return b.String()
}

// defaultValue is a default in DDL; an expression needs parentheses there.
func defaultValue(f *model.Field) string {
	s := constant(&f.Type, *f.Default)
	if s[0] == '\'' || s[0] == '-' || s[0] >= '0' && s[0] <= '9' || s == "TRUE" || s == "FALSE" {
		return s
	}
	return "(" + s + ")"
}

func enumValues(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = data(v)
	}
	return strings.Join(quoted, ", ")
}

// view emits a view for people: GUIDs as text, no secret fields.
func (e *emitter) view() emit.File {
	w := e.writer()
	name := e.t.Collection + "_view"
	w.head(
		name+": the records of "+e.t.Collection+" for people: GUIDs as text, times in UTC, no secret fields.",
		"",
		"Called by nobody in BEDS. It runs with the rights of whoever selects from it.",
		"Costs what the table costs; a condition on a GUID's text cannot use an index.",
	)
	w.put("CREATE OR REPLACE SQL SECURITY INVOKER VIEW ", ident(name), " AS\nSELECT\n")
	fields := e.returned()
	for i, f := range fields {
		comma := ","
		if i == len(fields)-1 {
			comma = ""
		}
		expr := column(f)
		if f.Type.Kind == model.GUID {
			expr = guidText(expr)
		}
		w.line(1, expr, " AS ", ident(f.Name), comma)
	}
	w.put("FROM ", e.tableName(), " AS `t`;\n")
	w.tail()
	return w.file(e.dir + "view.sql")
}

// guidText writes 16 bytes as 01234567-89ab-cdef-0123-456789abcdef.
func guidText(expr string) string {
	return "LOWER(INSERT(INSERT(INSERT(INSERT(HEX(" + expr + "), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-'))"
}

// indexes emits the secondary indexes.
func (e *emitter) indexes() emit.File {
	w := e.writer()
	w.head(
		"Indexes of "+e.t.Collection+": one for each access path of the template "+e.t.Name+".",
		"",
		"The procedures "+e.t.Collection+"_by_* name them, so an index keeps its name when it is changed. InnoDB adds",
		"the primary key to each, which makes the order of every path total.",
		"Creating one on a large table takes long; it does not block reading and writing.",
	)
	w.quiet()
	for _, ix := range e.t.Indexes {
		if ix.Kind == model.IndexPrimary {
			continue
		}
		if ix.Doc != "" {
			w.note(0, ix.Doc)
		}
		unique := ""
		if ix.Unique {
			unique = "UNIQUE "
		}
		w.put("CREATE ", unique, "INDEX IF NOT EXISTS ", ident(ix.Name), " ON ", e.tableName(), " (", indexColumns(ix), ");\n")
	}
	w.loud()
	w.tail()
	return w.file(e.dir + "indexes.sql")
}

// indexColumns lists the columns of an index: the fields that a partial index
// presupposes, for which MariaDB has no other means, then the keys.
func indexColumns(ix *model.Index) string {
	var b strings.Builder
	sep := separator{text: ", "}
	for _, c := range ix.Where {
		if !isKey(ix, c.Field) {
			b.WriteString(sep.next() + ident(c.Field.Name))
		}
	}
	for _, k := range ix.Keys {
		b.WriteString(sep.next() + ident(k.Field.Name))
		if k.Desc {
			b.WriteString(" DESC")
		}
	}
	return b.String()
}

func isKey(ix *model.Index, f *model.Field) bool {
	for _, k := range ix.Keys {
		if k.Field == f {
			return true
		}
	}
	return false
}
