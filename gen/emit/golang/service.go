package golang

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/dave/jennifer/jen"
)

// genCore emits the implementation of NamasteCore.
func genCore(f *jen.File, t *model.Template) {
	f.Comment(comment("Core implements NamasteCore for " + t.Name + ". A hand-written file of this package may replace single methods."))
	f.Type().Id("Core").Struct(jen.Qual(beds, "Core"))
	f.Comment("New makes the core over a store.")
	f.Func().Id("New").Params(jen.Id("s").Qual(beds, "Store")).Qual(beds, "NamasteCore").Block(
		jen.Return(jen.Op("&").Id("Core").Values(jen.Qual(beds, "NewCore").Call(jen.Op("&").Id("Template"), jen.Id("s")))),
	)
}

// genClient emits the typed client, a filter for each index and a method for each
// query.
func genClient(f *jen.File, t *model.Template) {
	f.Comment(comment("Client sends requests about " + t.Name + " to a node."))
	f.Type().Id("Client").Struct(jen.Qual(client, "Domain").Index(jen.Id("Record")))
	f.Comment("NewClient makes the typed client over a connection.")
	f.Func().Id("NewClient").Params(jen.Id("c").Op("*").Qual(client, "Client")).Id("Client").Block(
		jen.Return(jen.Id("Client").Values(jen.Qual(client, "NewDomain").Call(
			jen.Id("c"), jen.Op("&").Id("Template"), jen.Id("toRow"), jen.Id("fromRow")))),
	)
	for _, ix := range t.Indexes {
		if ix.Kind != model.IndexPrimary {
			genFilter(f, ix)
		}
	}
	for i, q := range t.Queries {
		genQuery(f, t, i, q)
	}
}

// genFilter emits the filter along an index: equality on the leading keys, and
// whatever the caller adds on the next.
func genFilter(f *jen.File, ix *model.Index) {
	eq := ix.Keys
	if len(eq) > 1 {
		eq = eq[:len(eq)-1]
	}
	params := make([]jen.Code, 0, len(eq)+1)
	conditions := make([]jen.Code, 0, len(eq)+len(ix.Where))
	names := parameters{}
	for _, k := range eq {
		arg := names.name(k.Field.GoName)
		params = append(params, jen.Id(arg).Add(goType(k.Field.Type, k.Field.GoName)))
		conditions = append(conditions, jen.Id("Field"+k.Field.GoName).Dot("Eq").Call(jen.Id(arg)))
	}
	for _, c := range ix.Where {
		conditions = append(conditions, jen.Id("Field"+c.Field.GoName).Dot("Eq").Call(constant(c.Field.Type, c.Values[0])))
	}
	name := "By" + model.GoName(ix.Name)
	where := jen.Qual(client, "Where").Call(conditions...)
	if len(eq) == len(ix.Keys) {
		f.Comment(comment(name + " finds records along the index " + ix.Name + "."))
		f.Func().Id(name).Params(params...).Qual(client, "Filter").Block(jen.Return(where))
		return
	}
	last := ix.Keys[len(ix.Keys)-1].Field
	f.Comment(comment(name + " finds records along the index " + ix.Name + "; more may bound " + last.GoName + "."))
	params = append(params, jen.Id("more").Op("...").Qual(client, "Condition"))
	f.Func().Id(name).Params(params...).Qual(client, "Filter").Block(
		jen.Return(where.Dot("And").Call(jen.Id("more").Op("..."))))
}

// constant is a constant of a partial index as a Go value.
func constant(typ model.Type, v model.Value) jen.Code {
	switch typ.Kind {
	case model.Boolean, model.Integer, model.Float:
		return jen.Op(v.Text)
	case model.String, model.Enum, model.Decimal:
		return jen.Lit(v.Text)
	}
	return codec(typ, "").Dot("From").Call(jen.Qual(beds, "MustParse").Call(
		jen.Op("&").Qual(beds, "Type").Values(typeMembers(typ)...), jen.Lit(v.Text)))
}

// genQuery emits the method of a named query.
func genQuery(f *jen.File, t *model.Template, i int, q *model.Query) {
	params := []jen.Code{jen.Id("ctx").Qual("context", "Context")}
	args := make([]jen.Code, len(q.Params))
	names := parameters{}
	for j, p := range q.Params {
		arg := names.name(p.GoName)
		params = append(params, jen.Id(arg).Add(goType(p.Type, p.GoName)))
		c := codec(p.Type, "")
		if composite(p.Type) {
			c = jen.Qual(record, "Typed").Index(goType(p.Type, p.GoName)).Call()
		}
		args[j] = jen.Qual(client, "Arg").Call(jen.Id("query"), jen.Lit(j), c, jen.Id(arg))
	}
	params = append(params, jen.Id("opts").Op("...").Qual(client, "Option"))
	doc := q.GoName + " runs the query " + q.Name + "."
	if q.Doc != "" {
		doc = q.GoName + " runs the query " + q.Name + ": " + lowerFirst(sentence(q.Doc))
	}
	f.Comment(comment(doc))
	f.Func().Params(jen.Id("c").Id("Client")).Id(q.GoName).Params(params...).
		Params(jen.Qual(client, "Page").Index(jen.Id("Record")), jen.Error()).Block(
		jen.Id("query").Op(":=").Op("&").Id("Template").Dot("Queries").Index(jen.Lit(i)),
		jen.Return(jen.Id("c").Dot("Query").Call(jen.Id("ctx"), jen.Id("query").Dot("Name"),
			jen.Index().Qual(client, "Param").Add(argList(args)), jen.Id("opts").Op("..."))),
	)
}

func argList(args []jen.Code) jen.Code {
	if len(args) < 2 {
		return jen.Values(args...)
	}
	return lines(args...)
}
