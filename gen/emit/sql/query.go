package sql

import (
	"strconv"
	"strings"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/model"
)

// query emits the procedure of a named query.
func (e *emitter) query(q *model.Query) emit.File {
	w := e.writer()
	name := e.t.QueryProcedure(q)
	p := e.procedure(name, reads,
		name+": the named query "+q.Name+".",
		q.Doc,
		"",
		"Called by: the node, for the operation query.",
		"Costs: a page of at most "+strconv.Itoa(q.Limit)+" records, found by whatever index the optimiser takes; EXPLAIN the SELECT below.",
		`Argument: {"limit": 50, "params": {NAME: value, …}, "after": {FIELD: value, …}}; "after" may be absent.`,
		"Result: one row a record, all fields but secret ones, sorted by "+keyList(q.Sort)+".",
	)
	p.open(w)
	c := cursor{keys: e.totalOrder(q.Sort, false)}
	variables := make(map[*model.Param]string, len(q.Params))
	var a arguments
	a.plain("v_limit", "INT UNSIGNED", "'$.limit'")
	c.arguments(&a)
	for i, param := range q.Params {
		v := "q" + strconv.Itoa(i+1)
		variables[param] = "`" + v + "`"
		if param.Type.Kind == model.Array {
			a.plain(v, "JSON", path("params", param.Name))
			continue
		}
		a.value(v, &param.Type, 1, path("params", param.Name))
	}
	a.declare(w)
	w.put("\n")
	a.read(w, 1, "`p_request`")
	w.put("\n")
	w.line(1, "SELECT ", e.returnedList())
	w.line(1, "FROM ", e.tableName(), " AS `t`")
	w.line(1, "WHERE TRUE", e.live(" AND "))
	for i := range q.Where {
		w.line(2, "AND ", queryCondition(&q.Where[i], variables))
	}
	c.terms(w, 2, false)
	w.line(1, "ORDER BY ", c.order(false))
	w.line(1, "LIMIT `v_limit`;")
	p.close(w)
	return w.file(e.dir + "proc_q_" + q.Name + ".sql")
}

// queryCondition is a condition with a parameter or with constants.
func queryCondition(c *model.Condition, variables map[*model.Param]string) string {
	if c.Param == nil {
		return condition(c)
	}
	v := variables[c.Param]
	switch {
	case c.Op == model.OpPrefix:
		return prefix(column(c.Field), v)
	case c.Op == model.OpIn || c.Param.Type.Kind == model.Array:
		return inArray(c, v)
	}
	return compare(column(c.Field), c.Op, v)
}

// condition is a condition with constants.
func condition(c *model.Condition) string {
	col := column(c.Field)
	if c.Op == model.OpIn {
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = constant(&c.Field.Type, v)
		}
		return col + " IN (" + strings.Join(values, ", ") + ")"
	}
	v := c.Values[0]
	switch {
	case v.Null && c.Op == model.OpNe:
		return col + " IS NOT NULL"
	case v.Null:
		return col + " IS NULL"
	case c.Op == model.OpPrefix:
		return prefix(col, constant(&c.Field.Type, v))
	}
	return compare(col, c.Op, constant(&c.Field.Type, v))
}

var sqlOps = map[model.Op]string{
	model.OpEq: "=", model.OpNe: "<>", model.OpGt: ">", model.OpGte: ">=", model.OpLt: "<", model.OpLte: "<=",
}

func compare(col string, op model.Op, operand string) string {
	return col + " " + sqlOps[op] + " " + operand
}

// prefix matches the beginning of a text, with the pattern's own signs escaped.
func prefix(col, operand string) string {
	return col + " LIKE CONCAT(REPLACE(REPLACE(REPLACE(" + operand + ", '|', '||'), '%', '|%'), '_', '|_'), '%') ESCAPE '|'"
}

// inArray compares with the elements of a JSON array in canonical form.
func inArray(c *model.Condition, v string) string {
	typ := &c.Field.Type
	element := jsonTypeExact(typ, 1)
	expr := "`e`.`v`"
	switch typ.Kind {
	case model.GUID:
		element, expr = "CHAR(36)", "UNHEX(REPLACE(`e`.`v`, '-', ''))"
	case model.Timestamp:
		element, expr = "CHAR(27)", "CAST(REPLACE(REPLACE(`e`.`v`, 'T', ' '), 'Z', '') AS DATETIME(6))"
	}
	return column(c.Field) + " IN (SELECT " + expr + " FROM JSON_TABLE(" + v + ", '$[*]' COLUMNS (`v` " + element + " PATH '$')) AS `e`)"
}
