package golang

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/dave/jennifer/jen"
)

// genRecord emits the typed record.
func genRecord(f *jen.File, t *model.Template) {
	f.Comment(comment("Record is one " + t.Name + " as callers see it. Fields that may be null are optional."))
	f.Type().Id("Record").StructFunc(func(g *jen.Group) {
		for _, fd := range t.Fields {
			if doc := fieldDoc(fd); doc != "" {
				g.Comment(comment(doc))
			}
			g.Id(fd.GoName).Add(fieldType(fd))
		}
	})
}

// fieldDoc is the comment of a record's field. System fields speak for themselves.
func fieldDoc(fd *model.Field) string {
	switch doc := sentence(fd.Doc); {
	case fd.System:
		return ""
	case fd.Secret:
		return strings.TrimSpace(doc + " It is set and never returned.")
	default:
		return doc
	}
}

// fieldType is the Go type of a record's field.
func fieldType(fd *model.Field) jen.Code {
	typ := goType(fd.Type, fd.GoName)
	if optional(fd) {
		return jen.Qual(record, "Opt").Index(typ)
	}
	return typ
}

// optional reports whether a record tells the field's absence from its zero: it
// may be null, or a default applies when it is left out, or it is never returned.
func optional(fd *model.Field) bool {
	return !fd.Required || fd.Default != nil || fd.Secret
}

// goType is the Go type of a value; object names a type after its field.
func goType(typ model.Type, object string) jen.Code {
	switch typ.Kind {
	case model.Integer:
		return jen.Int64()
	case model.Float:
		return jen.Float64()
	case model.Boolean:
		return jen.Bool()
	case model.Decimal:
		return jen.Qual(record, "Decimal")
	case model.Timestamp:
		return jen.Qual("time", "Time")
	case model.Date:
		return jen.Qual(record, "Date")
	case model.GUID:
		return jen.Qual(record, "GUID")
	case model.Binary:
		return jen.Index().Byte()
	case model.Array:
		return jen.Index().Add(goType(*typ.Elem, object))
	case model.Object:
		if len(typ.Fields) > 0 {
			return jen.Id(object + "Object")
		}
		return jen.Qual(record, "JSON")
	}
	return jen.String()
}

// genObjects emits a struct for each object with declared members.
func genObjects(f *jen.File, t *model.Template) {
	for _, fd := range t.Declared() {
		genObject(f, fd.Type, fd.GoName)
	}
}

func genObject(f *jen.File, typ model.Type, name string) {
	if typ.Kind != model.Object || len(typ.Fields) == 0 {
		return
	}
	f.Comment(comment(name + "Object is the object in the field " + name + "."))
	f.Type().Id(name + "Object").StructFunc(func(g *jen.Group) {
		for _, s := range typ.Fields {
			if strings.TrimSpace(s.Doc) != "" {
				g.Comment(comment(sentence(s.Doc)))
			}
			tag := s.Name
			field := g.Id(s.GoName)
			if !s.Required {
				field.Op("*")
				tag += ",omitempty"
			}
			field.Add(goType(s.Type, name+s.GoName)).Tag(map[string]string{"json": tag})
		}
	})
	for _, s := range typ.Fields {
		genObject(f, s.Type, name+s.GoName)
	}
}

// fieldTypes are the types of the client's fields, which know the values that go with them.
var fieldTypes = map[model.Kind]string{
	model.String: "TextField", model.Text: "TextField", model.Enum: "TextField", model.Integer: "IntegerField",
	model.Float: "FloatField", model.Decimal: "DecimalField", model.Boolean: "BooleanField", model.Timestamp: "TimeField",
	model.Date: "DateField", model.GUID: "GUIDField", model.Binary: "BinaryField", model.Object: "JSONField",
}

// genFields emits a typed constant for each field.
func genFields(f *jen.File, t *model.Template) {
	f.Comment("Fields of a Record in filters, sorts, projections and changes.")
	f.Const().DefsFunc(func(g *jen.Group) {
		for _, fd := range t.Fields {
			c := g.Id("Field" + fd.GoName)
			if composite(fd.Type) {
				c.Qual(client, "TypedField").Index(goType(fd.Type, fd.GoName))
			} else {
				c.Qual(client, fieldTypes[fd.Type.Kind])
			}
			c.Id("=").Add(text(fd.Public))
		}
	})
}

func composite(typ model.Type) bool {
	return typ.Kind == model.Array || typ.Kind == model.Object && len(typ.Fields) > 0
}
