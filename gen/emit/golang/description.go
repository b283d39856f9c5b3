package golang

import (
	"strings"

	"github.com/beds-project/beds/gen/model"
	"github.com/dave/jennifer/jen"
)

// genDescription emits the template as data.
func genDescription(f *jen.File, t *model.Template) {
	f.Comment(comment("Template describes " + t.Name + " to the runtime."))
	members := []jen.Code{
		member("Name", text(t.Name)),
		member("Class", text(t.Class)),
		member("Collection", text(t.Collection)),
	}
	if t.Doc != "" {
		members = append(members, member("Doc", text(t.Doc)))
	}
	members = append(members,
		member("Family", jen.Qual(beds, map[model.Family]string{model.FamilyRec: "Rec", model.FamilyRel: "Rel"}[t.Family])),
		member("Service", text(t.Service)),
		member("Version", number(t.Version)),
		member("Fingerprint", text(t.Fingerprint)),
	)
	members = append(members, flag("Closed", t.Closed)...)
	members = append(members, flag("Internal", t.Internal)...)
	members = append(members,
		member("Behaviour", jen.Qual(beds, "Behaviour").Values(behaviour(t.Behaviour)...)),
		member("Fields", jen.Index().Qual(beds, "Field").Add(lines(fields(t)...))),
		member("Indexes", jen.Index().Qual(beds, "Index").Add(lines(indexes(t)...))),
	)
	if len(t.Queries) > 0 {
		members = append(members, member("Queries", jen.Index().Qual(beds, "Query").Add(lines(queries(t)...))))
	}
	f.Var().Id("Template").Op("=").Qual(beds, "Template").Add(lines(members...))
}

func flag(name string, on bool) []jen.Code {
	if !on {
		return nil
	}
	return []jen.Code{jen.Id(name + ": true")}
}

func behaviour(b model.Behaviour) []jen.Code {
	deletes := map[model.Deletes]string{model.DeletesSoft: "DeletesSoft", model.DeletesHard: "DeletesHard", model.DeletesNone: "DeletesNone"}
	members := flag("Updates", b.Updates)
	members = append(members, member("Deletes", jen.Qual(beds, deletes[b.Deletes])))
	members = append(members, flag("Audit", b.Audit)...)
	members = append(members, flag("Journal", b.Journal)...)
	members = append(members, flag("Locking", b.Locking)...)
	if b.Cache > 0 {
		members = append(members, member("Cache", number(int(b.Cache))))
	}
	members = append(members, member("MaxBatch", number(b.MaxBatch)), member("MaxLimit", number(b.MaxLimit)))
	return append(members, flag("AdHoc", b.AdHoc)...)
}

func fields(t *model.Template) []jen.Code {
	out := make([]jen.Code, len(t.Fields))
	for i, fd := range t.Fields {
		members := []jen.Code{
			member("Name", text(fd.Name)),
			member("Public", text(fd.Public)),
			member("Type", jen.Qual(beds, "Type").Values(typeMembers(fd.Type)...)),
		}
		members = append(members, flag("Required", fd.Required)...)
		members = append(members, flag("Protected", fd.Protected)...)
		members = append(members, flag("Secret", fd.Secret)...)
		if fd.Default != nil && !fd.Default.Null {
			members = append(members, member("Default", text(fd.Default.Text)), member("HasDefault", jen.True()))
		}
		out[i] = jen.Values(members...)
	}
	return out
}

var kindNames = map[model.Kind]string{
	model.String: "String", model.Text: "Text", model.Integer: "Integer", model.Float: "Float",
	model.Decimal: "Decimal", model.Boolean: "Boolean", model.Timestamp: "Timestamp", model.Date: "Date",
	model.GUID: "GUIDKind", model.Enum: "Enum", model.Binary: "Binary", model.Object: "Object", model.Array: "Array",
}

func typeMembers(typ model.Type) []jen.Code {
	members := []jen.Code{member("Kind", jen.Qual(beds, kindNames[typ.Kind]))}
	size := func(name string, n int) {
		if n != 0 {
			members = append(members, member(name, number(n)))
		}
	}
	size("Max", typ.Max)
	size("Precision", typ.Precision)
	size("Scale", typ.Scale)
	if len(typ.Values) > 0 {
		members = append(members, member("Values", stringList(typ.Values)))
	}
	if typ.Elem != nil {
		members = append(members, member("Elem", jen.Op("&").Qual(beds, "Type").Values(typeMembers(*typ.Elem)...)))
	}
	if len(typ.Fields) > 0 {
		subs := make([]jen.Code, len(typ.Fields))
		for i, s := range typ.Fields {
			sub := []jen.Code{member("Name", text(s.Name)), member("Type", jen.Qual(beds, "Type").Values(typeMembers(s.Type)...))}
			subs[i] = jen.Values(append(sub, flag("Required", s.Required)...)...)
		}
		members = append(members, member("Fields", jen.Index().Qual(beds, "SubField").Add(lines(subs...))))
	}
	return members
}

func stringList(list []string) jen.Code {
	return jen.Index().String().ValuesFunc(func(g *jen.Group) {
		for _, s := range list {
			g.Add(text(s))
		}
	})
}

func keys(list []model.Key) jen.Code {
	return jen.Index().Qual(beds, "Key").ValuesFunc(func(g *jen.Group) {
		for _, k := range list {
			g.Values(append([]jen.Code{member("Field", number(k.Field.Index))}, flag("Desc", k.Desc)...)...)
		}
	})
}

func indexes(t *model.Template) []jen.Code {
	out := make([]jen.Code, len(t.Indexes))
	for i, ix := range t.Indexes {
		members := []jen.Code{member("Name", text(ix.Name)), member("Keys", keys(ix.Keys))}
		members = append(members, flag("Unique", ix.Unique)...)
		members = append(members, flag("Prefix", ix.Kind == model.IndexPattern)...)
		if len(ix.Where) > 0 {
			members = append(members, member("Where", conditions(nil, ix.Where)))
		}
		if ix.TTL > 0 {
			members = append(members, member("TTL", number(int(ix.TTL))))
		}
		out[i] = jen.Values(members...)
	}
	return out
}

func queries(t *model.Template) []jen.Code {
	out := make([]jen.Code, len(t.Queries))
	for i, q := range t.Queries {
		members := []jen.Code{member("Name", text(q.Name))}
		if len(q.Params) > 0 {
			members = append(members, member("Params", jen.Index().Qual(beds, "Param").ValuesFunc(func(g *jen.Group) {
				for _, p := range q.Params {
					g.Values(member("Name", text(p.Name)), member("Type", jen.Qual(beds, "Type").Values(typeMembers(p.Type)...)))
				}
			})))
		}
		members = append(members,
			member("Where", conditions(q.Params, q.Where)),
			member("Sort", keys(q.Sort)),
			member("Limit", number(q.Limit)))
		out[i] = jen.Add(lines(members...))
	}
	return out
}

func conditions(params []*model.Param, list []model.Condition) jen.Code {
	return jen.Index().Qual(beds, "Condition").ValuesFunc(func(g *jen.Group) {
		for _, c := range list {
			op := string(c.Op)
			members := []jen.Code{member("Field", number(c.Field.Index)), member("Op", jen.Qual(beds, strings.ToUpper(op[:1])+op[1:]))}
			for i, p := range params {
				if p == c.Param {
					members = append(members, member("Param", number(i+1)))
				}
			}
			if c.Param == nil {
				texts := make([]string, len(c.Values))
				for i, v := range c.Values {
					texts[i] = v.Text
				}
				members = append(members, member("Values", stringList(texts)))
			}
			g.Values(members...)
		}
	})
}
