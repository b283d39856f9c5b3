package mongo

import (
	"github.com/beds-project/beds/gen/model"
)

// appendValidator writes the create command of a collection. On a collection that
// exists the same members belong to collMod. Members that the schema does not name
// are allowed: during a change of versions both write.
func appendValidator(dst []byte, t *model.Template) []byte {
	p := printer{b: dst}
	p.open('{')
	p.str("create", t.Collection)
	p.object("validator")
	p.object("$jsonSchema")
	p.str("title", t.Class)
	if t.Doc != "" {
		p.str("description", t.Doc)
	}
	p.str("bsonType", "object")
	required(&p, t)
	p.object("properties")
	for _, f := range t.Fields {
		p.object(memberName(f))
		property(&p, &f.Type, f.Required, f.Doc)
		p.close('}')
	}
	ours(&p, t)
	p.close('}')
	p.close('}')
	p.close('}')
	p.str("validationLevel", "strict")
	p.str("validationAction", "error")
	p.object("comment")
	p.str("template", t.Name)
	p.int("version", t.Version)
	p.str("fingerprint", t.Fingerprint)
	p.close('}')
	p.close('}')
	return append(p.b, '\n')
}

func memberName(f *model.Field) string {
	if f.System && f.Name == model.FieldID {
		return memberID
	}
	return f.Name
}

func required(p *printer, t *model.Template) {
	p.key("required")
	p.b = append(p.b, '[')
	n := 0
	for _, f := range t.Fields {
		if !f.Required {
			continue
		}
		if n > 0 {
			p.b = append(p.b, ", "...)
		}
		p.b = appendQuoted(p.b, memberName(f))
		n++
	}
	p.b = append(p.b, ']')
}

// ours describes the members that the store adds.
func ours(p *printer, t *model.Template) {
	p.object(memberEvents)
	p.str("bsonType", "array")
	p.str("description", "The last events that changed the record; a repeated delivery finds itself here.")
	p.close('}')
	p.object(memberKey)
	p.str("bsonType", "string")
	p.str("description", "The request that made the record, in beds_requests.")
	p.close('}')
	for _, ix := range t.Indexes {
		if ix.TTL > 0 {
			name := ix.Keys[0].Field.Name
			p.object(ttlPrefix + name)
			p.list("bsonType", "date", "null")
			p.str("description", "The same as "+name+", in the form that a TTL index takes.")
			p.close('}')
		}
	}
}

// property writes what is inside the braces of a member's schema.
func property(p *printer, typ *model.Type, required bool, doc string) {
	name := bsonType(typ.Kind)
	if required {
		p.str("bsonType", name)
	} else {
		p.list("bsonType", name, "null")
	}
	bounds(p, typ, required)
	if doc != "" {
		p.str("description", doc)
	}
}

func bounds(p *printer, typ *model.Type, required bool) {
	switch typ.Kind {
	case model.GUID:
		width(p, 36)
	case model.Date:
		width(p, len("2006-01-02"))
	case model.Decimal:
		width(p, decimalWidth(typ))
	case model.String, model.Text:
		// A text is bounded in bytes, which are never fewer than its characters.
		if typ.Max > 0 {
			p.int("maxLength", typ.Max)
		}
	case model.Enum:
		enum(p, typ, required)
	case model.Array:
		if typ.Max > 0 {
			p.int("maxItems", typ.Max)
		}
		p.object("items")
		property(p, typ.Elem, true, "")
		p.close('}')
	case model.Object:
		members(p, typ)
	}
}

func width(p *printer, n int) {
	p.int("minLength", n)
	p.int("maxLength", n)
}

// decimalWidth is the length of the sortable form: a sign, the digits, the point.
func decimalWidth(typ *model.Type) int {
	if typ.Scale == 0 {
		return 1 + typ.Precision
	}
	return 2 + typ.Precision
}

func enum(p *printer, typ *model.Type, required bool) {
	p.list("enum", typ.Values...)
	if !required {
		p.b = append(p.b[:len(p.b)-1], ", null]"...)
	}
}

func members(p *printer, typ *model.Type) {
	var names []string
	for _, f := range typ.Fields {
		if f.Required {
			names = append(names, f.Name)
		}
	}
	if len(names) > 0 {
		p.list("required", names...)
	}
	if len(typ.Fields) == 0 {
		return
	}
	p.object("properties")
	for _, f := range typ.Fields {
		p.object(f.Name)
		property(p, &f.Type, f.Required, f.Doc)
		p.close('}')
	}
	p.close('}')
}

// bsonType is the form of a kind in the store.
func bsonType(kind model.Kind) string {
	switch kind {
	case model.Integer, model.Timestamp:
		return "long"
	case model.Float:
		return "double"
	case model.Boolean:
		return "bool"
	case model.Binary:
		return "binData"
	case model.Object:
		return "object"
	case model.Array:
		return "array"
	}
	return "string"
}
