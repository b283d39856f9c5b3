package main

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// compareValues orders values as both stores must: null first, then by value;
// strings by their bytes.
func compareValues(typ *runtime.Type, a, b runtime.Value) int {
	if a.State != b.State || a.State != runtime.Set {
		return cmp.Compare(state(a), state(b))
	}
	switch typ.Kind {
	case runtime.Integer, runtime.Timestamp, runtime.Boolean:
		return cmp.Compare(a.Int, b.Int)
	case runtime.Float:
		return cmp.Compare(a.Float, b.Float)
	case runtime.Decimal:
		x, _ := new(big.Rat).SetString(a.Str)
		y, _ := new(big.Rat).SetString(b.Str)
		return x.Cmp(y)
	}
	return cmp.Compare(a.Str, b.Str)
}

func state(v runtime.Value) int {
	if v.State == runtime.Set {
		return 1
	}
	return 0
}

// sorted is the model's order of rows.
func (s *subject) sorted(rows []runtime.Row, keys []runtime.Key) []runtime.Row {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b runtime.Row) int {
		for _, k := range keys {
			c := compareValues(&s.tmpl.Fields[k.Field].Type, a[k.Field], b[k.Field])
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}

// pages reads to the end in pages of a size and compares with the model.
func (s *subject) pages(t *testing.T, op, data, sort string, size int, want []runtime.Row) {
	t.Helper()
	var got []runtime.Row
	cursor := ""
	for n := 0; ; n++ {
		options := `{"limit":` + strconv.Itoa(size)
		if cursor != "" {
			options += `,"cursor":` + strconv.Quote(cursor)
		}
		if sort != "" {
			options += `,"sort":[` + sort + `]`
		}
		res := s.do(op, data, options+"}")
		if res.Err != nil {
			t.Fatalf("%s %s %s: %v", op, data, options, res.Err)
		}
		got = append(got, s.records(res)...)
		if cursor = res.Cursor; cursor == "" {
			break
		}
		if n > len(want) {
			t.Fatalf("%s %s: the pages do not end", op, data)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s %s sort %s: %d records, want %d", op, data, sort, len(got), len(want))
		return
	}
	for i := range got {
		if got[i][0].Str != want[i][0].Str {
			t.Errorf("%s %s sort %s: record %d is %s, want %s", op, data, sort, i, runtime.GUIDOf(got[i][0]), runtime.GUIDOf(want[i][0]))
			return
		}
		s.same(t, got[i], want[i])
	}
}

// indexes walks every access path: all of it, by equality, by range, both ways.
func (s *subject) indexes(t *testing.T) {
	for i := range s.tmpl.Indexes {
		ix := &s.tmpl.Indexes[i]
		t.Run(ix.Name, func(t *testing.T) {
			rows, base := s.rows, ""
			for _, c := range ix.Where {
				f := &s.tmpl.Fields[c.Field]
				base += fmt.Sprintf("%q:%s,", f.Public, runtime.AppendValue(nil, &f.Type, c.Constants()[0]))
				rows = filter(rows, func(r runtime.Row) bool { return compareValues(&f.Type, r[c.Field], c.Constants()[0]) == 0 })
			}
			for lead := range len(ix.Keys) {
				s.indexLead(t, ix, lead, rows, base)
			}
		})
	}
}

func filter(rows []runtime.Row, keep func(runtime.Row) bool) []runtime.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r runtime.Row) bool { return !keep(r) })
}

// indexLead has equality on the first lead keys, taken from a record of the
// model, and a range or an order on the next.
func (s *subject) indexLead(t *testing.T, ix *runtime.Index, lead int, rows []runtime.Row, base string) {
	if len(rows) == 0 {
		return
	}
	pivot := rows[s.rng.IntN(len(rows))]
	data := base
	for _, k := range ix.Keys[:lead] {
		f := &s.tmpl.Fields[k.Field]
		data += fmt.Sprintf("%q:%s,", f.Public, runtime.AppendValue(nil, &f.Type, pivot[k.Field]))
		rows = filter(rows, func(r runtime.Row) bool { return compareValues(&f.Type, r[k.Field], pivot[k.Field]) == 0 })
	}
	next := ix.Keys[lead]
	f := &s.tmpl.Fields[next.Field]
	order := append(slices.Clone(ix.Keys), runtime.Key{Field: runtime.FieldID})
	forward := s.sorted(rows, order)
	for i := range order {
		order[i].Desc = !order[i].Desc
	}
	backward := s.sorted(rows, order)
	asc, desc := s.sortOptions(ix.Keys[lead:])
	whole := "{" + strings.TrimSuffix(data, ",") + "}"
	s.pages(t, envelope.OpFetch, whole, asc, 7, forward)
	s.pages(t, envelope.OpFetch, whole, desc, 7, backward)
	s.count(t, whole, len(rows))
	if pivot[next.Field].State != runtime.Set {
		s.equality(t, f, next.Field, data, "null", forward, pivot)
		return
	}
	at := string(runtime.AppendValue(nil, &f.Type, pivot[next.Field]))
	if next.Field != runtime.FieldID {
		s.equality(t, f, next.Field, data, at, forward, pivot)
	}
	for op, keep := range map[string]func(int) bool{
		"gt": func(c int) bool { return c > 0 }, "gte": func(c int) bool { return c >= 0 },
		"lt": func(c int) bool { return c < 0 }, "lte": func(c int) bool { return c <= 0 },
	} {
		ranged := fmt.Sprintf(`{%s%q:{%q:%s}}`, data, f.Public, op, at)
		inRange := func(r runtime.Row) bool {
			return r[next.Field].State == runtime.Set && keep(compareValues(&f.Type, r[next.Field], pivot[next.Field]))
		}
		s.pages(t, envelope.OpFetch, ranged, asc, 5, filter(forward, inRange))
		s.pages(t, envelope.OpFetch, ranged, desc, 5, filter(backward, inRange))
		s.count(t, ranged, len(filter(rows, inRange)))
	}
	if ix.Prefix && lead == 0 {
		s.prefix(t, f, next.Field, data, asc, forward)
	}
}

// sortOptions names all keys, so that the order does not depend on which of
// several indexes serves the request.
func (s *subject) sortOptions(keys []runtime.Key) (forward, backward string) {
	for i, k := range keys {
		name := s.tmpl.Fields[k.Field].Public
		asc, desc := strconv.Quote(name), strconv.Quote("-"+name)
		if k.Desc {
			asc, desc = desc, asc
		}
		if i > 0 {
			forward, backward = forward+",", backward+","
		}
		forward, backward = forward+asc, backward+desc
	}
	return forward, backward
}

func (s *subject) equality(t *testing.T, f *runtime.Field, i int, data, at string, rows []runtime.Row, pivot runtime.Row) {
	equal := fmt.Sprintf(`{%s%q:{"eq":%s}}`, data, f.Public, at)
	want := filter(rows, func(r runtime.Row) bool { return compareValues(&f.Type, r[i], pivot[i]) == 0 })
	s.pages(t, envelope.OpFetch, equal, "", 3, want)
	s.count(t, equal, len(want))
}

func (s *subject) prefix(t *testing.T, f *runtime.Field, i int, data, sort string, rows []runtime.Row) {
	for _, p := range []string{"a", "1", "é", "😀", "\U0010FFFF"} {
		want := filter(rows, func(r runtime.Row) bool { return r[i].State == runtime.Set && strings.HasPrefix(r[i].Str, p) })
		s.pages(t, envelope.OpFetch, fmt.Sprintf(`{%s%q:{"prefix":%q}}`, data, f.Public, p), sort, 3, want)
	}
}

func (s *subject) count(t *testing.T, data string, want int) {
	t.Helper()
	if got := s.must(envelope.OpCount, data, "").Count; got != int64(want) {
		t.Errorf("count %s: %d, want %d", data, got, want)
	}
}

// queries runs every named query with arguments taken from records, and compares
// with the model's own evaluation of the conditions.
func (s *subject) queries(t *testing.T) {
	for i := range s.tmpl.Queries {
		q := &s.tmpl.Queries[i]
		t.Run(q.Name, func(t *testing.T) {
			for range 6 {
				args := make([]runtime.Value, len(q.Params))
				for j := range q.Params {
					args[j] = s.argument(q, j)
				}
				params := ""
				for j := range q.Params {
					params += fmt.Sprintf("%q:%s,", q.Params[j].Name, runtime.AppendValue(nil, &q.Params[j].Type, args[j]))
				}
				want := filter(s.rows, func(r runtime.Row) bool { return s.satisfies(q, args, r) })
				data := fmt.Sprintf(`{"name":%q,"params":{%s}}`, q.Name, strings.TrimSuffix(params, ","))
				s.pages(t, envelope.OpQuery, data, "", min(4, q.Limit), s.sorted(want, q.Sort))
			}
			if len(q.Params) > 0 {
				s.refuse(t, envelope.Required, envelope.OpQuery, fmt.Sprintf(`{"name":%q}`, q.Name), "")
			}
			s.refuse(t, envelope.UnknownField, envelope.OpQuery, fmt.Sprintf(`{"name":%q,"params":{"no_such":1}}`, q.Name), "")
		})
	}
	s.refuse(t, envelope.UnknownQuery, envelope.OpQuery, `{"name":"no_such"}`, "")
}

// argument draws an argument from the values that records have.
func (s *subject) argument(q *runtime.Query, param int) runtime.Value {
	typ := &q.Params[param].Type
	for _, c := range q.Where {
		if c.Param != param+1 {
			continue
		}
		have := filter(s.rows, func(r runtime.Row) bool { return r[c.Field].State == runtime.Set })
		if len(have) == 0 {
			break
		}
		v := have[s.rng.IntN(len(have))][c.Field]
		if typ.Kind != runtime.Array {
			return v
		}
		w := have[s.rng.IntN(len(have))][c.Field]
		b := runtime.AppendValue([]byte{'['}, &s.tmpl.Fields[c.Field].Type, v)
		b = runtime.AppendValue(append(b, ','), &s.tmpl.Fields[c.Field].Type, w)
		return runtime.StrValue(string(append(b, ']')))
	}
	return s.value(typ)
}

func (s *subject) satisfies(q *runtime.Query, args []runtime.Value, r runtime.Row) bool {
	for i := range q.Where {
		c := &q.Where[i]
		typ := &s.tmpl.Fields[c.Field].Type
		operands := c.Constants()
		if c.Param > 0 {
			operands = []runtime.Value{args[c.Param-1]}
		}
		if !satisfied(typ, c, r[c.Field], operands) {
			return false
		}
	}
	return true
}

func satisfied(typ *runtime.Type, c *runtime.Condition, v runtime.Value, operands []runtime.Value) bool {
	if v.State != runtime.Set {
		return false // a comparison with null holds for no operator
	}
	if c.Op == runtime.In {
		if c.Param > 0 { // the operand is a JSON array
			return strings.Contains(operands[0].Str, string(runtime.AppendValue(nil, typ, v)))
		}
		return slices.ContainsFunc(operands, func(o runtime.Value) bool { return compareValues(typ, v, o) == 0 })
	}
	if c.Op == runtime.Prefix {
		return strings.HasPrefix(v.Str, operands[0].Str)
	}
	d := compareValues(typ, v, operands[0])
	switch c.Op {
	case runtime.Eq:
		return d == 0
	case runtime.Ne:
		return d != 0
	case runtime.Gt:
		return d > 0
	case runtime.Gte:
		return d >= 0
	case runtime.Lt:
		return d < 0
	}
	return d <= 0
}

func (s *subject) projection(t *testing.T) {
	i := s.declared()
	for s.tmpl.Fields[i].Secret {
		i++
	}
	name := s.tmpl.Fields[i].Public
	row := s.rows[0]
	res := s.must(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, runtime.GUIDOf(row[0])), fmt.Sprintf(`{"return":[%q,"id"]}`, name))
	want := fmt.Sprintf(`{%q:%s,"id":%q}`, name, runtime.AppendValue(nil, &s.tmpl.Fields[i].Type, row[i]), runtime.GUIDOf(row[0]))
	if string(res.Data) != want {
		t.Errorf("projection gave %s, want %s", res.Data, want)
	}
	s.refuse(t, envelope.UnknownField, envelope.OpFetch, `{}`, `{"return":["no_such"]}`)
}
