package sql

import (
	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// count emits the procedure that counts along any path.
func (e *emitter) count() emit.File {
	w := e.writer()
	name := e.t.Procedure("count")
	p := e.procedure(name, reads,
		name+": counts the live records under the conditions of a request.",
		"",
		"Called by: the node, for the operation count.",
		"Costs: one index entry for each record counted; without conditions, all of them.",
		`Argument: {"path": INDEX, "eq": {…}, "null": {…}, "gt": {…}, "gte": {…}, "lt": {…}, "lte": {…}} as in _by_*; "path"`,
		"  may be absent, and matters for partial indexes only.",
		"Result: one row, one number.",
	)
	p.open(w)
	bs := bounds(e.t.Indexed())
	var a arguments
	a.plain("v_path", "VARCHAR(64)"+textual, "'$.path'")
	for _, b := range bs {
		b.arguments(&a)
	}
	a.declare(w)
	w.put("\n")
	a.read(w, 1, "`p_request`")
	w.put("\n")
	w.line(1, "SELECT COUNT(*)")
	w.line(1, "FROM ", e.tableName(), " AS `t`")
	w.line(1, "WHERE TRUE", e.live(" AND "))
	for _, ix := range e.t.Indexes {
		for i := range ix.Where {
			w.line(2, "AND (`v_path` IS NULL OR `v_path` <> ", literal(ix.Name), " OR ", condition(&ix.Where[i]), ")")
		}
	}
	for _, b := range bs {
		b.terms(w, 2)
	}
	w.put(";\n")
	p.close(w)
	return w.file(e.dir + "proc_count.sql")
}

// find emits the free filter of an ad_hoc template: one static SELECT for each
// field that can be sorted by and each direction.
func (e *emitter) find() emit.File {
	w := e.writer()
	name := e.t.Procedure("find")
	p := e.procedure(name, reads,
		name+": searches the live records by any conditions on indexed fields, sorted by one of them.",
		"",
		"Called by: the node, for a fetch that no single access path serves; only because ad_hoc is true.",
		"Costs: at best what the path costs that the optimiser finds, at worst a scan of the table and a sort.",
		`Argument: as in _by_*, and "sort": the field to sort by (id where absent); id follows in the same direction.`,
		"Result: one row a record, all fields but secret ones, in that order.",
	)
	p.open(w)
	fields := e.t.Indexed()
	bs := bounds(fields)
	var a arguments
	a.plain("v_limit", "INT UNSIGNED", "'$.limit'")
	a.plain("v_reverse", "BOOLEAN", "'$.reverse'")
	a.plain("v_sort", "VARCHAR(64)"+textual, "'$.sort'")
	a.present("v_after", "'$.after'")
	for i, f := range fields {
		a.value(afterName(i), &f.Type, 0, path("after", f.Name))
	}
	for _, b := range bs {
		b.arguments(&a)
	}
	a.declare(w)
	w.put("\n")
	a.read(w, 1, "`p_request`")
	w.put("\n")
	w.line(1, "CASE")
	for i := range fields {
		e.findBranch(w, bs, i, false)
		e.findBranch(w, bs, i, true)
	}
	w.line(1, "END CASE;")
	p.close(w)
	return w.file(e.dir + "proc_find.sql")
}

// findBranch writes the SELECT for one sort field and direction. Field 0 is id.
func (e *emitter) findBranch(w *writer, bs []bound, i int, reverse bool) {
	c := findCursor{field: bs[i].field, id: e.t.Fields[0], after: afterName(i)}
	not := "NOT "
	if reverse {
		not = ""
	}
	w.line(2, "WHEN IFNULL(`v_sort`, 'id') = ", literal(c.field.Name), " AND ", not, "IFNULL(`v_reverse`, FALSE) THEN")
	w.line(3, "SELECT ", e.returnedList())
	w.line(3, "FROM ", e.tableName(), " AS `t`")
	w.line(3, "WHERE TRUE", e.live(" AND "))
	for _, b := range bs {
		b.terms(w, 4)
	}
	c.terms(w, reverse)
	w.line(3, "LIMIT `v_limit`;")
}

// A findCursor continues the order by one field and id; the values are in the
// variables of the field and of id, which is always the first indexed field.
type findCursor struct {
	field, id *model.Field
	after     string
}

func (f findCursor) terms(w *writer, reverse bool) {
	keys := []model.Key{{Field: f.field}, {Field: f.id}}
	names := []string{f.after, afterName(0)}
	if f.field == f.id {
		keys, names = keys[:1], names[:1]
	}
	c := cursor{keys: keys, names: names}
	c.terms(w, 4, reverse)
	w.line(3, "ORDER BY ", c.order(reverse))
}
