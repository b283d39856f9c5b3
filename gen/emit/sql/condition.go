package sql

import (
	"strconv"

	"github.com/beds-project/beds/gen/model"
)

// A bound is a field that a request may put conditions on: eq, null, gt, gte, lt
// and lte, each a variable that is null where the request has no such condition.
type bound struct {
	field *model.Field
	v     string // prefix of the variables: k1
}

// ranges are the conditions that hold a value, with their operators.
var ranges = [...]struct{ member, op string }{
	{"eq", "="}, {"gt", ">"}, {"gte", ">="}, {"lt", "<"}, {"lte", "<="},
}

// bounds numbers the fields: k1, k2, …
func bounds(fields []*model.Field) []bound {
	b := make([]bound, len(fields))
	for i, f := range fields {
		b[i] = bound{field: f, v: "k" + strconv.Itoa(i+1)}
	}
	return b
}

// arguments adds the members of the request: $.eq.FIELD and so on. Strings have
// room for one character more than the column, so that an operand that is too
// long is cut to something that equals no record.
func (b bound) arguments(a *arguments) {
	for _, r := range ranges {
		a.value(b.v+"_"+r.member, &b.field.Type, 1, path(r.member, b.field.Name))
	}
	if !b.field.Required {
		a.plain(b.v+"_null", "BOOLEAN", path("null", b.field.Name))
	}
}

// terms writes the conditions of a WHERE clause, each line beginning with AND.
func (b bound) terms(w *writer, indent int) {
	col := column(b.field)
	for _, r := range ranges {
		v := "`" + b.v + "_" + r.member + "`"
		w.line(indent, "AND (", v, " IS NULL OR ", col, " ", r.op, " ", v, ")")
	}
	if !b.field.Required {
		w.line(indent, "AND (`", b.v, "_null` IS NULL OR ", col, " IS NULL)")
	}
}

// A cursor continues an order after the record whose sort values are given.
// Nulls come first in ascending order.
type cursor struct {
	keys  []model.Key
	names []string // variables with the last record's values; nil: a1, a2, …
}

// rest is the order behind the first key.
func (c cursor) rest() cursor {
	names := make([]string, len(c.keys))
	for i := range names {
		names[i] = c.name(i)
	}
	return cursor{keys: c.keys[1:], names: names[1:]}
}

// name is the variable with the last record's value of key i.
func (c cursor) name(i int) string {
	if c.names != nil {
		return c.names[i]
	}
	return afterName(i)
}

func afterName(i int) string { return "a" + strconv.Itoa(i+1) }

// arguments adds $.after and its members.
func (c cursor) arguments(a *arguments) {
	a.present("v_after", "'$.after'")
	for i, k := range c.keys {
		a.value(c.name(i), &k.Field.Type, 0, path("after", k.Field.Name))
	}
}

// terms writes the condition: the first key is past the cursor's, or it is equal
// and the second is past it, and so on. Written out like this, and not as a row
// comparison, the optimiser turns it into ranges of the index.
func (c cursor) terms(w *writer, indent int, reverse bool) {
	w.line(indent, "AND (NOT `v_after`")
	equal := ""
	for i, k := range c.keys {
		past := c.past(i, k.Desc != reverse)
		if i > 0 {
			past = "(" + equal + " AND (" + past + "))"
			equal += " AND "
		}
		w.line(indent+1, "OR ", past)
		equal += c.equal(i)
	}
	w.line(indent, ")")
}

func (c cursor) past(i int, descending bool) string {
	col, v := column(c.keys[i].Field), "`"+c.name(i)+"`"
	required := c.keys[i].Field.Required
	switch {
	case required && descending:
		return col + " < " + v
	case required:
		return col + " > " + v
	case descending:
		return "(" + v + " IS NOT NULL AND (" + col + " < " + v + " OR " + col + " IS NULL))"
	}
	return col + " > " + v + " OR (" + v + " IS NULL AND " + col + " IS NOT NULL)"
}

func (c cursor) equal(i int) string {
	col, v := column(c.keys[i].Field), "`"+c.name(i)+"`"
	if c.keys[i].Field.Required {
		return col + " = " + v
	}
	return col + " <=> " + v
}

// order is the ORDER BY list.
func (c cursor) order(reverse bool) string {
	var w writer
	sep := separator{text: ", "}
	for _, k := range c.keys {
		w.put(sep.next(), column(k.Field))
		if k.Desc != reverse {
			w.put(" DESC")
		}
	}
	return string(w.buf)
}

// totalOrder ends keys with id, unless they identify a record without it.
func (e *emitter) totalOrder(keys []model.Key, unique bool) []model.Key {
	total := make([]model.Key, 0, len(keys)+1)
	for _, k := range keys {
		total = append(total, k)
		if k.Field.Name == model.FieldID {
			return total
		}
	}
	if unique {
		return total
	}
	return append(total, model.Key{Field: e.t.Fields[0]})
}
