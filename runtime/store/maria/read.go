package maria

import (
	"context"
	"database/sql/driver"
	"strconv"

	"github.com/beds-project/beds/runtime"
)

// Get returns the live records with the given ids, in any order.
func (s *Store) Get(ctx context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	body := make([]byte, 0, 2+35*len(ids))
	body = append(body, '[')
	for i := range ids {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendGUID(body, (*[16]byte)(&ids[i]))
	}
	body = append(body, ']')
	l := s.layout(t)
	return s.rowsOf(ctx, l, l.get, body, len(ids))
}

// Lookup returns the live records with the given values of a unique index, in any order.
func (s *Store) Lookup(ctx context.Context, t *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	body := append(make([]byte, 0, 2+40*len(keys)), '[')
	for i := range keys {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '[')
		for j, k := range ix.Keys {
			if j > 0 {
				body = append(body, ',')
			}
			body = appendValue(body, t.Fields[k.Field].Type.Kind, &keys[i][j])
		}
		body = append(body, ']')
	}
	return s.rowsOf(ctx, s.layout(t), t.Collection+"_get_"+ix.Name, append(body, ']'), len(keys))
}

// Find returns a page along an access path, or of a free search.
func (s *Store) Find(ctx context.Context, t *runtime.Template, f *runtime.Find) ([]runtime.Row, error) {
	l := s.layout(t)
	body := append(make([]byte, 0, 256), `{"limit":`...)
	body = strconv.AppendInt(body, int64(f.Limit), 10)
	if f.Reverse {
		body = append(body, `,"reverse":true`...)
	}
	procedure := l.find
	if f.Index != nil {
		procedure = t.Collection + "_by_" + f.Index.Name
	} else {
		if !t.Behaviour.AdHoc {
			return nil, unsupported("%s has no free search", t.Name)
		}
		body = append(body, `,"sort":`...)
		body = appendString(body, t.Fields[f.Sort[0].Field].Name)
	}
	body = l.appendTerms(body, f.Terms)
	body = l.appendAfter(body, f.Sort, f.After)
	return s.rowsOf(ctx, l, procedure, append(body, '}'), f.Limit)
}

// Count counts the live records under the conditions.
func (s *Store) Count(ctx context.Context, t *runtime.Template, f *runtime.Find) (int64, error) {
	l := s.layout(t)
	body := append(make([]byte, 0, 128), `{"path":`...)
	if f.Index != nil {
		body = appendString(body, f.Index.Name)
	} else {
		body = append(body, `""`...)
	}
	body = l.appendTerms(body, f.Terms)
	n := int64(-1)
	err := s.call(ctx, l.count, readCall, append(body, '}'), func(_ []string, values []driver.Value) error {
		if len(values) != 1 || !decodeInt(&n, values[0]) {
			return badShape("a count of %d columns", len(values))
		}
		return nil
	})
	return n, err
}

// Query runs a named query.
func (s *Store) Query(ctx context.Context, t *runtime.Template, q *runtime.NamedQuery) ([]runtime.Row, error) {
	l := s.layout(t)
	body := append(make([]byte, 0, 256), `{"limit":`...)
	body = strconv.AppendInt(body, int64(q.Limit), 10)
	body = append(body, `,"params":{`...)
	for i := range q.Query.Params {
		p := &q.Query.Params[i]
		if i > 0 {
			body = append(body, ',')
		}
		body = append(appendString(body, p.Name), ':')
		if p.Type.Kind == runtime.Array {
			body = appendJSON(body, q.Args[i].Str)
			continue
		}
		body = appendValue(body, p.Type.Kind, &q.Args[i])
	}
	body = append(body, '}')
	body = l.appendAfter(body, q.Query.Sort, q.After)
	return s.rowsOf(ctx, l, t.Collection+"_q_"+q.Query.Name, append(body, '}'), q.Limit)
}

// rowsOf calls a procedure that returns records.
func (s *Store) rowsOf(ctx context.Context, l *layout, procedure string, body []byte, expect int) ([]runtime.Row, error) {
	rows := make([]runtime.Row, 0, min(expect, 64))
	var at []int
	err := s.call(ctx, procedure, readCall, body, func(columns []string, values []driver.Value) (err error) {
		if at == nil {
			if at, err = l.match(columns); err != nil {
				return err
			}
		}
		row, err := l.decodeRow(at, values)
		rows = append(rows, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// termMembers are the members of the argument that hold conditions, by operator.
var termMembers = []struct {
	op   runtime.Op
	name string
}{
	{runtime.Eq, "eq"}, {runtime.Gt, "gt"}, {runtime.Gte, "gte"}, {runtime.Lt, "lt"}, {runtime.Lte, "lte"},
}

// appendTerms appends ,"eq":{…},"null":{…},"gt":{…} and so on.
func (l *layout) appendTerms(dst []byte, terms []runtime.Term) []byte {
	for _, m := range termMembers {
		dst = l.appendGroup(dst, m.name, terms, func(t *runtime.Term) bool { return t.Op == m.op && t.Value.State == runtime.Set })
	}
	return l.appendGroup(dst, "null", terms, func(t *runtime.Term) bool { return t.Op == runtime.Eq && t.Value.State != runtime.Set })
}

// appendGroup appends the terms that belong to one member; a null's value is true.
func (l *layout) appendGroup(dst []byte, name string, terms []runtime.Term, belongs func(*runtime.Term) bool) []byte {
	opened := false
	for i := range terms {
		t := &terms[i]
		if !belongs(t) {
			continue
		}
		if opened {
			dst = append(dst, ',')
		} else {
			dst = append(append(append(dst, `,"`...), name...), `":{`...)
			opened = true
		}
		dst = append(dst, l.members[t.Field]...)
		if t.Value.State != runtime.Set {
			dst = append(dst, "true"...)
			continue
		}
		dst = appendValue(dst, l.t.Fields[t.Field].Type.Kind, &t.Value)
	}
	if opened {
		dst = append(dst, '}')
	}
	return dst
}

// appendAfter appends the cursor: the sort values of the last record.
func (l *layout) appendAfter(dst []byte, sort []runtime.Key, after []runtime.Value) []byte {
	if after == nil {
		return dst
	}
	dst = append(dst, `,"after":{`...)
	for i := range after {
		if i > 0 {
			dst = append(dst, ',')
		}
		field := sort[i].Field
		dst = append(dst, l.members[field]...)
		dst = appendValue(dst, l.t.Fields[field].Type.Kind, &after[i])
	}
	return append(dst, '}')
}
