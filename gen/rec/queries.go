package rec

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
)

func (t *Template) readQueries(m *Table) {
	for _, e := range m.Entries {
		if e.Value.Kind != KindTable {
			continue
		}
		body := e.Value.Table
		q := &Query{
			Name:   e.Key,
			Span:   e.KeySpan,
			Doc:    text(body.Get("doc")),
			Params: t.params(table(body.Get("params"))),
			Where:  t.filter(table(body.Get("filter"))),
			Sort:   refs(body.Get("sort")),
			Limit:  integer(body.Get("limit")),
		}
		q.params = make(map[string]*Param, len(q.Params))
		for _, p := range q.Params {
			q.params[p.Name] = p
		}
		t.Queries = append(t.Queries, q)
	}
}

func (t *Template) params(m *Table) []*Param {
	var params []*Param
	for _, e := range m.Entries {
		p := &Param{Name: e.Key, Span: e.KeySpan}
		switch e.Value.Kind {
		case KindString:
			p.Type = t.shortType(e.Value)
		case KindTable:
			p.Type = t.longType(e.Value.Table)
			p.Doc = text(e.Value.Table.Get("doc"))
		}
		params = append(params, p)
	}
	return params
}

// filter reads field = operand and field = { operator = operand, … }.
func (t *Template) filter(m *Table) []*Condition {
	var where []*Condition
	for _, e := range m.Entries {
		field := Ref{Name: e.Key, Span: e.KeySpan}
		if e.Value.Kind != KindTable {
			where = append(where, t.condition(field, string(model.OpEq), e.KeySpan, e.Value)...)
			continue
		}
		if len(e.Value.Table.Entries) == 0 {
			t.problem(ProblemConditionForm, e.Value.Span, "the filter on %q has no operator; write %s = \"$param\" or %s = { gte = \"$param\" }", clip(e.Key), clip(e.Key), clip(e.Key))
		}
		for _, op := range e.Value.Table.Entries {
			where = append(where, t.condition(field, op.Key, op.KeySpan, op.Value)...)
		}
	}
	return where
}

// condition reads one comparison. The result is empty after a problem.
func (t *Template) condition(field Ref, op string, opSpan Span, v *Value) []*Condition {
	c := &Condition{Field: field, Op: op, OpSpan: opSpan}
	switch {
	case v.Kind == KindTable:
		t.problem(ProblemConditionForm, v.Span, "an operand is a constant, a \"$parameter\" or a list of constants, not a table")
		return nil
	case v.Kind == KindList && op != string(model.OpIn):
		t.problem(ProblemConditionForm, v.Span, "only the operator in takes a list: %s = { in = […] }", clip(field.Name))
		return nil
	case v.Kind == KindString && isParam(v.Text):
		c.Operand, c.Param = v, v.Text[1:]
		return []*Condition{c}
	}
	if v = t.literal(v); v == nil {
		return nil
	}
	c.Operand = v
	return []*Condition{c}
}

// constants reads the where of a partial index: equality with constants.
func (t *Template) constants(m *Table) []*Condition {
	var where []*Condition
	for _, e := range m.Entries {
		v := e.Value
		switch {
		case v.Kind == KindTable || v.Kind == KindList:
			t.problem(ProblemConditionForm, v.Span, "a partial index compares for equality with one constant: where = { %s = … }", clip(e.Key))
			continue
		case v.Kind == KindString && isParam(v.Text):
			t.problem(ProblemConditionForm, v.Span, "an index has no parameters; a text that begins with $ is written \"$%s\"", clip(v.Text))
			continue
		}
		field := Ref{Name: e.Key, Span: e.KeySpan}
		where = append(where, &Condition{Field: field, Op: string(model.OpEq), OpSpan: e.KeySpan, Operand: t.literal(v)})
	}
	return where
}

// isParam reports whether a text refers to a parameter: one dollar and a name.
func isParam(s string) bool {
	return len(s) > 1 && s[0] == '$' && s[1] != '$'
}

// literal undoes the doubling of a leading dollar, in lists too. It returns nil
// where a list names a parameter.
func (t *Template) literal(v *Value) *Value {
	switch {
	case v.Kind == KindString && strings.HasPrefix(v.Text, "$$"):
		plain := *v
		plain.Text = v.Text[1:]
		return &plain
	case v.Kind == KindList:
		list := *v
		list.List = make([]*Value, len(v.List))
		for i, e := range v.List {
			if e.Kind&KindScalar == 0 {
				t.problem(ProblemConditionForm, e.Span, "the list of in holds constants, not %s", e.Kind)
				return nil
			}
			if e.Kind == KindString && isParam(e.Text) {
				t.problem(ProblemConditionForm, e.Span, "a parameter cannot be one of a list; declare one of type array and write { in = %q }", clip(e.Text))
				return nil
			}
			list.List[i] = t.literal(e)
		}
		return &list
	}
	return v
}
