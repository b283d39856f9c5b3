package api

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
)

// An Example is a request as a client may send it.
type Example struct {
	Name string // fetch, write, query.open_by_customer
	Doc  string
	Key  string // routing key
	Body []byte // JSON
}

// exampleID stands for the id of a record.
const exampleID = "01920000-0000-7000-8000-000000000001"

// Examples has a request for each operation of a template. Every value is one that
// its field takes, so that a node accepts each as it stands.
func Examples(t *model.Template) []Example {
	list := make([]Example, 0, 8)
	for _, op := range operationsOf(t) {
		body := object{{"v", 1}, {"template", t.Name}, {"op", op.op}}
		switch op.op {
		case "batch":
			body = append(body, member{"key", "import-17"}, member{"ops", []any{
				object{{"op", "count"}, {"data", object{}}},
				object{{"op", "write"}, {"data", newRecord(t)}},
			}})
			if t.Behaviour.MaxBatch < 2 {
				body[len(body)-1].value = body[len(body)-1].value.([]any)[1:]
			}
		case "query":
			body = append(body, member{"data", queryCall(t, strings.TrimPrefix(op.name, "query."))})
		case "write", "update", "delete":
			body = append(body, member{"key", op.op + "-17"}, member{"data", writing(t, op.op)})
		case "fetch":
			body = append(body, member{"data", object{{"id", exampleID}}}, member{"options", object{{"limit", min(20, t.Behaviour.MaxLimit)}}})
		default:
			body = append(body, member{"data", object{}})
		}
		list = append(list, Example{op.name, op.doc, string(t.Family) + "." + op.channel + "." + t.Name, append(appendJSON(nil, body, 0), '\n')})
	}
	return list
}

func writing(t *model.Template, op string) object {
	if op == "write" {
		return newRecord(t)
	}
	target := object{{"id", exampleID}}.with(t.Behaviour.Locking, "revision", 1)
	if op == "update" {
		if f := settable(t); f != nil {
			target = append(target, member{f.Public, ExampleValue(&f.Type)})
		}
	}
	return target
}

// settable is the first field that a client can set, if there is one.
func settable(t *model.Template) *model.Field {
	for _, f := range t.Declared() {
		if !f.Protected {
			return f
		}
	}
	return nil
}

// newRecord has the fields that must be given, or the first one where none must.
func newRecord(t *model.Template) object {
	var data object
	for _, f := range t.Declared() {
		if f.Required && f.Default == nil {
			data = append(data, member{f.Public, ExampleValue(&f.Type)})
		}
	}
	if f := settable(t); data == nil && f != nil {
		data = object{{f.Public, ExampleValue(&f.Type)}}
	}
	return data
}

func queryCall(t *model.Template, name string) object {
	call := object{{"name", name}}
	for _, q := range t.Queries {
		if q.Name != name || len(q.Params) == 0 {
			continue
		}
		var params object
		for _, p := range q.Params {
			params = append(params, member{p.Name, ExampleValue(&p.Type)})
		}
		call = append(call, member{"params", params})
	}
	return call
}

// ExampleFilter is the data of a fetch along an access path, on one line: equality
// on the first key, after the constants of a partial index.
func ExampleFilter(ix *model.Index) []byte {
	var data object
	for _, c := range ix.Where {
		data = append(data, member{c.Field.Public, constant(&c.Field.Type, c.Values[0])})
	}
	for i, k := range ix.Keys {
		v := any(ExampleValue(&k.Field.Type))
		if i > 0 { // a range on the next key
			data = append(data, member{k.Field.Public, object{{"gte", v}}})
			break
		}
		data = append(data, member{k.Field.Public, v})
	}
	return appendFlat(nil, data)
}

// ExampleValue is a value that a type takes.
func ExampleValue(t *model.Type) any {
	switch t.Kind {
	case model.Integer:
		return 17
	case model.Float:
		return raw("1.5")
	case model.Boolean:
		return true
	case model.Decimal:
		return exampleDecimal(t)
	case model.Timestamp:
		return "2026-01-31T23:59:59.000000Z"
	case model.Date:
		return "2026-01-31"
	case model.GUID:
		return exampleID
	case model.Enum:
		return t.Values[0]
	case model.Binary:
		return "AA=="
	case model.Array:
		return []any{ExampleValue(t.Elem)}
	case model.Object:
		members := object{}
		for _, f := range t.Fields {
			members = append(members, member{f.Name, ExampleValue(&f.Type)})
		}
		return members
	}
	if t.Max > 0 {
		return "text"[:min(4, t.Max)]
	}
	return "text"
}

// exampleDecimal has the digits after the point that every reply has.
func exampleDecimal(t *model.Type) string {
	whole := "0"
	if t.Precision > t.Scale {
		whole = "12"[:min(2, t.Precision-t.Scale)]
	}
	if t.Scale == 0 {
		return whole
	}
	return whole + "." + ("5" + strings.Repeat("0", t.Scale))[:t.Scale]
}

// Quoted is a text as JSON, with everything escaped that nobody can see.
func Quoted(s string) string { return string(appendQuoted(nil, s)) }

// Constant is a constant of the template as JSON, on one line.
func Constant(t *model.Type, v model.Value) string { return string(appendFlat(nil, constant(t, v))) }

// appendFlat writes a value on one line.
func appendFlat(dst []byte, value any) []byte {
	switch v := value.(type) {
	case object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendFlat(append(appendQuoted(dst, m.name), ": "...), m.value)
		}
		return append(dst, '}')
	case []any:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = appendFlat(dst, item)
		}
		return append(dst, ']')
	}
	return appendJSON(dst, value, 0)
}
