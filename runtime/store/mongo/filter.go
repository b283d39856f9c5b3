package mongo

import (
	"fmt"
	"strings"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json/jsontext"
)

// A filter is a list of conditions that must all hold, each a document with one
// member. Only names of declared fields, the operators below and typed values ever
// get into it.
type filter struct {
	p          *plan
	w          writer
	conditions []int // where each begins in w
}

// operators of the server; Eq needs none.
var operators = [...]string{beds.Gt: "$gt", beds.Gte: "$gte", beds.Lt: "$lt", beds.Lte: "$lte"}

// begin opens a condition.
func (f *filter) begin() (at int32) {
	f.conditions = append(f.conditions, len(f.w.b))
	return f.w.open()
}

// live leaves out deleted records.
func (f *filter) live() {
	if f.p.t.SoftDeletes() {
		at := f.begin()
		f.w.null(f.p.names[beds.FieldDeleted])
		f.w.close(at)
	}
}

func (f *filter) compare(field int, op beds.Op, v beds.Value) {
	at := f.begin()
	f.w.compare(f.p, field, op, v)
	f.w.close(at)
}

// compare appends one member: {name: value} or {name: {$op: value}}. A comparison
// with a value other than by Eq never holds for null, as in SQL.
func (w *writer) compare(p *plan, field int, op beds.Op, v beds.Value) {
	name, typ := p.names[field], &p.t.Fields[field].Type
	switch op {
	case beds.Eq:
		w.value(name, typ, v)
	case beds.Ne:
		at := w.openDoc(name)
		list := w.openArray("$nin")
		w.value("0", typ, v)
		w.null("1")
		w.close(list)
		w.close(at)
	default:
		at := w.openDoc(name)
		w.value(operators[op], typ, v)
		w.close(at)
	}
}

func (f *filter) in(field int, values []beds.Value) {
	at := f.begin()
	name := f.w.openDoc(f.p.names[field])
	list := f.w.openArray("$in")
	for i := range values {
		f.w.value(position(i), &f.p.t.Fields[field].Type, values[i])
	}
	f.w.close(list)
	f.w.close(name)
	f.w.close(at)
}

// keys adds that a record holds one of the keys of an index.
func (f *filter) keys(ix *beds.Index, keys []beds.UniqueKey) {
	switch {
	case len(keys) == 1:
		for i, k := range ix.Keys {
			f.compare(k.Field, beds.Eq, keys[0][i])
		}
	case len(ix.Keys) == 1:
		values := make([]beds.Value, len(keys))
		for i := range keys {
			values[i] = keys[i][0]
		}
		f.in(ix.Keys[0].Field, values)
	default:
		at := f.begin()
		list := f.w.openArray("$or")
		for i := range keys {
			key := f.w.openDoc(position(i))
			for j, k := range ix.Keys {
				f.w.compare(f.p, k.Field, beds.Eq, keys[i][j])
			}
			f.w.close(key)
		}
		f.w.close(list)
		f.w.close(at)
	}
}

// condition adds a condition of a query or, with q nil, of a partial index.
func (f *filter) condition(c *beds.Condition, q *beds.NamedQuery) error {
	values := c.Constants()
	if c.Param > 0 {
		param := &q.Query.Params[c.Param-1]
		values = q.Args[c.Param-1 : c.Param]
		if c.Op == beds.In {
			var err error
			if values, err = listOf(param.Type.Elem, values[0].Str); err != nil {
				return err
			}
		}
	}
	switch {
	case c.Op == beds.In:
		f.in(c.Field, values)
	case len(values) != 1:
		return fmt.Errorf("the condition on %s has %d operands", f.p.names[c.Field], len(values))
	case c.Op == beds.Prefix:
		f.prefix(c.Field, values[0].Str)
	default:
		f.compare(c.Field, c.Op, values[0])
	}
	return nil
}

// prefix is a range: a regular expression would be built from a caller's text.
func (f *filter) prefix(field int, s string) {
	f.compare(field, beds.Gte, beds.StrValue(s))
	if end, ok := prefixEnd(s); ok {
		f.compare(field, beds.Lt, beds.StrValue(end))
	}
}

// listOf reads the canonical JSON array that is the argument of an In.
func listOf(typ *beds.Type, text string) ([]beds.Value, error) {
	dec := jsontext.NewDecoder(strings.NewReader(text))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, envelope.Wrap(envelope.Internal, err, "the operand of in is not a list")
	}
	var values []beds.Value
	for dec.PeekKind() != ']' {
		tok, err := dec.ReadToken()
		if err != nil {
			return nil, envelope.Wrap(envelope.Internal, err, "the operand of in is not a list")
		}
		v, err := beds.ParseText(typ, tok.String())
		if err != nil {
			return nil, envelope.Wrap(envelope.BadValue, err, "an operand of in does not fit the field")
		}
		values = append(values, v)
	}
	return values, nil
}

// bytes is the finished filter. A single condition stands alone: FerretDB leaves
// {_id: …} to SQLite only with nothing beside it.
func (f *filter) bytes() ([]byte, error) {
	if f.w.err != nil {
		return nil, envelope.Wrap(envelope.Internal, f.w.err, "a filter value is not in canonical form")
	}
	if len(f.conditions) == 1 {
		return f.w.b, nil
	}
	out := newWriter(len(f.w.b) + 4*len(f.conditions) + 32)
	root := out.open()
	if len(f.conditions) > 0 {
		list := out.openArray("$and")
		for i, at := range f.conditions {
			end := len(f.w.b)
			if i+1 < len(f.conditions) {
				end = f.conditions[i+1]
			}
			out.raw(position(i), f.w.b[at:end])
		}
		out.close(list)
	}
	out.close(root)
	return out.b, nil
}

// sortBy is the server's form of an order.
func (p *plan) sortBy(keys []beds.Key) []byte {
	w := newWriter(32 * len(keys))
	root := w.open()
	for _, k := range keys {
		direction := int32(1)
		if k.Desc {
			direction = -1
		}
		w.int32(p.names[k.Field], direction)
	}
	w.close(root)
	return w.b
}

// terms adds the conditions of a find.
func (f *filter) terms(find *beds.Find) error {
	f.live()
	if find.Index != nil {
		for i := range find.Index.Where {
			if err := f.condition(&find.Index.Where[i], nil); err != nil {
				return err
			}
		}
	}
	for _, t := range find.Terms {
		if t.Op < beds.Eq || t.Op > beds.Lte {
			return fmt.Errorf("the document store has no operator %s in a find", t.Op)
		}
		f.compare(t.Field, t.Op, t.Value)
	}
	return nil
}
