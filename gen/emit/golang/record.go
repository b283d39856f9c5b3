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

// codec names the record codec of a type; composite types have a variable.
func codec(typ model.Type, name string) *jen.Statement {
	scalar := map[model.Kind]string{
		model.Integer: "Integer", model.Float: "Float", model.Boolean: "Boolean", model.Decimal: "Number",
		model.Timestamp: "Time", model.Date: "Day", model.GUID: "UUID", model.Binary: "Bytes",
	}
	switch {
	case composite(typ):
		return jen.Id(camel(name) + "Codec")
	case typ.Kind == model.Object:
		return jen.Qual(record, "Object")
	case scalar[typ.Kind] != "":
		return jen.Qual(record, scalar[typ.Kind])
	}
	return jen.Qual(record, "Text")
}

func composite(typ model.Type) bool {
	return typ.Kind == model.Array || typ.Kind == model.Object && len(typ.Fields) > 0
}

// genFields emits a typed field for each, and the codecs of composite ones.
func genFields(f *jen.File, t *model.Template) {
	f.Comment("Fields of a Record in filters, sorts, projections and changes.")
	f.Var().DefsFunc(func(g *jen.Group) {
		for i, fd := range t.Fields {
			g.Id("Field"+fd.GoName).Op("=").Qual(client, "NewField").Call(jen.Op("&").Id("Template"), jen.Lit(i), codec(fd.Type, fd.GoName))
		}
		for _, fd := range t.Fields {
			if composite(fd.Type) {
				g.Id(camel(fd.GoName)+"Codec").Op("=").Qual(record, "Typed").Index(goType(fd.Type, fd.GoName)).Call()
			}
		}
	})
}

// genRows emits the conversions between a record and the runtime's row.
func genRows(f *jen.File, t *model.Template) {
	var to, from []jen.Code
	for i, fd := range t.Fields {
		c := codec(fd.Type, fd.GoName)
		if optional(fd) {
			to = append(to, jen.Qual(record, "Optional").Call(c, jen.Id("r").Dot(fd.GoName)))
			from = append(from, member(fd.GoName, jen.Qual(record, "FromValue").Call(codec(fd.Type, fd.GoName), jen.Id("v").Index(jen.Lit(i)))))
			continue
		}
		to = append(to, c.Dot("To").Call(jen.Id("r").Dot(fd.GoName)))
		from = append(from, member(fd.GoName, codec(fd.Type, fd.GoName).Dot("From").Call(jen.Id("v").Index(jen.Lit(i)))))
	}
	f.Func().Id("toRow").Params(jen.Id("r").Op("*").Id("Record")).Qual(beds, "Row").Block(
		jen.Return(jen.Qual(beds, "Row").Add(lines(to...))),
	)
	f.Line()
	f.Func().Id("fromRow").Params(jen.Id("v").Qual(beds, "Row")).Id("Record").Block(
		jen.Return(jen.Id("Record").Add(lines(from...))),
	)
}
