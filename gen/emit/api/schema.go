package api

import (
	"fmt"

	"github.com/beds-project/beds/gen/model"
)

func ref(path string) object { return object{{"$ref", "#/components/schemas/" + path}} }

// value is the JSON schema of a type, as the envelope carries it.
func value(t *model.Type, nullable bool) object {
	name, format := jsonType(t.Kind)
	o := object{{"type", name}}
	if nullable {
		o = object{{"type", []string{name, "null"}}}
	}
	o = o.with(format != "", "format", format)
	switch t.Kind {
	case model.String:
		o = o.with(t.Max > 0, "maxLength", t.Max)
	case model.Text:
		o = o.with(t.Max > 0, "x-beds-max-bytes", t.Max)
	case model.Binary:
		o = append(o, member{"contentEncoding", "base64"}).with(t.Max > 0, "x-beds-max-bytes", t.Max)
	case model.Decimal:
		o = append(o, member{"pattern", decimalPattern(t)})
	case model.Enum:
		o = append(o, member{"enum", enumValues(t, nullable)})
	case model.Array:
		o = append(o, member{"items", value(t.Elem, false)}).with(t.Max > 0, "maxItems", t.Max)
	case model.Object:
		o = append(o, subFields(t)...)
	}
	return o
}

func jsonType(k model.Kind) (name, format string) {
	switch k {
	case model.Integer:
		return "integer", "int64"
	case model.Float:
		return "number", "double"
	case model.Boolean:
		return "boolean", ""
	case model.Object:
		return "object", ""
	case model.Array:
		return "array", ""
	case model.Timestamp:
		return "string", "date-time"
	case model.Date:
		return "string", "date"
	case model.GUID:
		return "string", "uuid"
	}
	return "string", ""
}

// decimalPattern allows the digits that a decimal has room for.
func decimalPattern(t *model.Type) string {
	if t.Scale == 0 {
		return fmt.Sprintf("^-?[0-9]{1,%d}$", t.Precision)
	}
	return fmt.Sprintf(`^-?[0-9]{1,%d}(\.[0-9]{1,%d})?$`, max(1, t.Precision-t.Scale), t.Scale)
}

func enumValues(t *model.Type, nullable bool) any {
	if !nullable {
		return t.Values
	}
	list := make([]any, 0, len(t.Values)+1)
	for _, v := range t.Values {
		list = append(list, v)
	}
	return append(list, raw("null"))
}

// subFields are the members of an object's schema; a free object has none.
func subFields(t *model.Type) object {
	if len(t.Fields) == 0 {
		return nil
	}
	var properties object
	var required []string
	for _, f := range t.Fields {
		properties = append(properties, member{f.Name, value(&f.Type, !f.Required).with(f.Doc != "", "description", f.Doc)})
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return object{{"properties", properties}}.with(required != nil, "required", required).with(true, "additionalProperties", false)
}

// field is the schema of a record's field.
func field(f *model.Field) object {
	o := value(&f.Type, !f.Required)
	if f.Default != nil && !f.Default.Null {
		o = append(o, member{"default", constant(&f.Type, *f.Default)})
	}
	return o.with(f.Protected, "readOnly", true).with(f.Secret, "writeOnly", true).with(f.Doc != "", "description", f.Doc)
}

// constant is a constant of the template as JSON.
func constant(t *model.Type, v model.Value) any {
	switch {
	case v.Null:
		return raw("null")
	case t.Kind == model.Integer || t.Kind == model.Float || t.Kind == model.Boolean || t.Kind == model.Array || t.Kind == model.Object:
		return raw(v.Text)
	}
	return v.Text
}

// recordSchemas describes the records of a template: as they are returned, as they
// are written, and the changes of an update.
func recordSchemas(t *model.Template) object {
	var read, write object
	var required []string
	for _, f := range t.Fields {
		if !f.Secret {
			read = append(read, member{f.Public, field(f)})
		}
		if f.Protected {
			continue
		}
		write = append(write, member{f.Public, field(f)})
		if f.Required && f.Default == nil {
			required = append(required, f.Public)
		}
	}
	target := object{{"id", object{{"type", "string"}, {"format", "uuid"}}}, {"revision", object{{"type", "integer"}, {"minimum", 1}}}}
	must := []string{"id"}
	if t.Behaviour.Locking {
		must = append(must, "revision")
	}
	o := object{
		{"Record", closed(read, nil).with(t.Doc != "", "description", t.Doc)},
		{"New", closed(write, required)},
		{"Target", closed(target, must)},
		{"Filter", filter(t)},
	}
	return o.with(t.Behaviour.Updates, "Changes", closed(append(target, write...), must))
}

func closed(properties object, required []string) object {
	return object{{"type", "object"}, {"properties", properties}}.
		with(required != nil, "required", required).
		with(true, "additionalProperties", false)
}

// filter is the data of a fetch or a count: conditions on indexed fields.
func filter(t *model.Template) object {
	var properties object
	for _, f := range t.Indexed() {
		plain := value(&f.Type, !f.Required)
		forms := []any{plain}
		if f.Name == model.FieldID {
			forms = append(forms, object{{"type", "array"}, {"items", plain}, {"maxItems", t.Behaviour.MaxLimit}})
		}
		var operators object
		for _, op := range operatorsOf(t, f) {
			operators = append(operators, member{op, ref("Filter/properties/" + f.Public + "/anyOf/0")})
		}
		forms = append(forms, closed(operators, nil).with(true, "minProperties", 1))
		properties = append(properties, member{f.Public, object{{"anyOf", forms}}})
	}
	return closed(properties, nil).with(true, "description", "Conditions, all of which must hold. They follow an access path, see x-beds-access-paths.")
}

func operatorsOf(t *model.Template, f *model.Field) []string {
	operators := []string{"eq", "gt", "gte", "lt", "lte"}
	for _, ix := range t.Indexes {
		if ix.Kind == model.IndexPattern && ix.Keys[0].Field == f {
			return append(operators, "prefix")
		}
	}
	return operators
}
