package sql

import (
	"strconv"
	"strings"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// get emits the procedure that returns records by id, many at a call.
func (e *emitter) get() emit.File {
	w := e.writer()
	p := e.procedure(e.t.Procedure("get"), reads,
		e.t.Collection+"_get: returns the live records with the given ids, in any order; absent ones are left out.",
		"",
		"Called by: the node, for every fetch by id; requests that wait at the same moment share a call.",
		"Costs: one lookup in the primary key for each id.",
		`Argument: an array of ids, 32 hexadecimal digits each: ["0199…", …]`,
		"Result: one row a record, all fields but secret ones.",
	)
	p.open(w)
	w.line(1, "SELECT ", e.returnedList())
	w.line(1, "FROM JSON_TABLE(`p_request`, '$[*]' COLUMNS (`id` CHAR(32) PATH '$')) AS `r`")
	w.line(1, "STRAIGHT_JOIN ", e.tableName(), " AS `t` FORCE INDEX (PRIMARY) ON `t`.`id` = UNHEX(`r`.`id`)", e.live("\n  WHERE "), ";")
	p.close(w)
	return w.file(e.dir + "proc_get.sql")
}

// getBy emits the procedure that returns records by the values of a unique index, many
// at a call.
func (e *emitter) getBy(ix *model.Index) emit.File {
	w := e.writer()
	name := e.t.GetProcedure(ix)
	p := e.procedure(name, reads,
		name+": returns the live records with the given values of "+ix.Name+" ("+keyList(ix.Keys)+"), in any order; absent ones are left out.",
		"",
		"Called by: the node, for every fetch of one record by these fields; requests that wait at the same moment share a call.",
		"Costs: one lookup in the index and one in the primary key for each.",
		"Argument: an array of arrays with a value for each field, in that order: [[value, …], …]",
		"Result: one row a record, all fields but secret ones.",
	)
	p.open(w)
	w.line(1, "SELECT ", e.returnedList())
	w.line(1, "FROM JSON_TABLE(`p_request`, '$[*]' COLUMNS (")
	for i, k := range ix.Keys {
		n := strconv.Itoa(i)
		w.line(2, "`k", n, "` ", jsonTypeExact(&k.Field.Type, 1), " PATH '$[", n, "]'", comma(i, len(ix.Keys)))
	}
	w.line(1, ")) AS `r`")
	w.line(1, "STRAIGHT_JOIN ", e.tableName(), " AS `t` FORCE INDEX (", ident(ix.Name), ")")
	sep := separator{text: " AND "}
	w.put("    ON ")
	for i, k := range ix.Keys {
		w.put(sep.next(), column(k.Field), " = ", fromJSON(&k.Field.Type, "`r`.`k"+strconv.Itoa(i)+"`"))
	}
	w.put(e.live("\n  WHERE "), ";\n")
	p.close(w)
	return w.file(e.dir + "proc_get_" + ix.Name + ".sql")
}

// by emits the procedure of an index.
func (e *emitter) by(ix *model.Index) emit.File {
	w := e.writer()
	name := e.t.ByProcedure(ix)
	p := e.procedure(name, reads,
		name+": pages through the live records along the access path "+ix.Name+" ("+keyList(ix.Keys)+").",
		ix.Doc,
		"",
		"Called by: the node, for a fetch whose filter and order this path serves.",
		"Costs: one descent of the index, then about one entry for each record of the page, however deep the page.",
		`Argument: {"limit": 50, "reverse": true, "eq": {FIELD: value}, "null": {FIELD: true}, "gt": {…}, "gte": {…},`,
		`  "lt": {…}, "lte": {…}, "after": {FIELD: value, …}}; all but limit may be absent. "after" holds the sort values`,
		"  of the last record of the page before.",
		"Result: one row a record, all fields but secret ones, in the order of the path.",
	)
	p.open(w)
	c := cursor{keys: e.totalOrder(ix.Keys, ix.Unique)}
	bs := bounds(keyFields(ix.Keys))
	var a arguments
	a.plain("v_limit", "INT UNSIGNED", "'$.limit'")
	a.plain("v_reverse", "BOOLEAN", "'$.reverse'")
	c.arguments(&a)
	for _, b := range bs {
		b.arguments(&a)
	}
	a.declare(w)
	w.put("\n")
	a.read(w, 1, "`p_request`")
	w.put("\n")
	w.line(1, "CASE")
	if first := ix.Keys[0]; !first.Field.Required {
		w.note(2, "Among the records without "+first.Field.Name+". By IS NULL MariaDB takes the column for constant, and finds the")
		w.note(2, "index's order only where ORDER BY leaves it out.")
		w.line(2, "WHEN `v_reverse` IS TRUE AND ", amongNulls(first.Desc), " THEN")
		e.page(w, ix, bs[1:], c.rest(), true, column(first.Field)+" IS NULL")
		w.line(2, "WHEN `v_reverse` IS NOT TRUE AND ", amongNulls(!first.Desc), " THEN")
		e.page(w, ix, bs[1:], c.rest(), false, column(first.Field)+" IS NULL")
	}
	w.line(2, "WHEN `v_reverse` IS TRUE THEN")
	e.page(w, ix, bs, c, true, "")
	w.line(2, "ELSE")
	e.page(w, ix, bs, c, false, "")
	w.line(1, "END CASE;")
	p.close(w)
	return w.file(e.dir + "proc_by_" + ix.Name + ".sql")
}

// amongNulls is the condition that only records without a value in the first key
// are wanted: they were asked for, or they are what is left of a descending order.
func amongNulls(ascending bool) string {
	if ascending {
		return "`k1_null` IS TRUE"
	}
	return "(`k1_null` IS TRUE OR (`v_after` AND `a1` IS NULL))"
}

// page writes the SELECT of one direction.
func (e *emitter) page(w *writer, ix *model.Index, bs []bound, c cursor, reverse bool, also string) {
	index := "PRIMARY"
	if ix.Kind != model.IndexPrimary {
		index = ident(ix.Name)
	}
	w.line(3, "SELECT ", e.returnedList())
	w.line(3, "FROM ", e.tableName(), " AS `t` FORCE INDEX (", index, ")")
	w.line(3, "WHERE TRUE", e.live(" AND "))
	if also != "" {
		w.line(4, "AND ", also)
	}
	for i := range ix.Where {
		w.line(4, "AND ", condition(&ix.Where[i]))
	}
	for _, b := range bs {
		b.terms(w, 4)
	}
	c.terms(w, 4, reverse)
	w.line(3, "ORDER BY ", c.order(reverse))
	w.line(3, "LIMIT `v_limit`;")
}

func keyFields(keys []model.Key) []*model.Field {
	fields := make([]*model.Field, len(keys))
	for i, k := range keys {
		fields[i] = k.Field
	}
	return fields
}

// keyList names keys for a comment: customer_ord, created descending.
func keyList(keys []model.Key) string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.Field.Name
		if k.Desc {
			names[i] += " descending"
		}
	}
	return strings.Join(names, ", ")
}
