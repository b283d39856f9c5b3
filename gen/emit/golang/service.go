package golang

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/dave/jennifer/jen"
)

// genCore emits what makes the implementation of NamasteCore.
func genCore(f *jen.File, t *model.Template) {
	f.Comment(comment("New makes the core of " + t.Name + " over a store; beds.Extend replaces methods of it."))
	f.Func().Id("New").Params(jen.Id("s").Qual(beds, "Store")).Qual(beds, "NamasteCore").Block(
		jen.Return(jen.Qual(beds, "New").Call(jen.Op("&").Id("Template"), jen.Id("s"))),
	)
}

// genClient emits the typed client, a filter for each index and a constructor for
// each query. The client is a generic function, which nobody compiles who does not
// call it: the node does without, and so do all clients of other domains.
func genClient(f *jen.File, t *model.Template) {
	f.Comment(comment("NewClient makes the typed client of " + t.Name + " over a connection."))
	f.Func().Id("NewClient").Types(jen.Id("C").Qual(client, "Caller")).Params(jen.Id("c").Id("C")).Qual(client, "Domain").Index(jen.Id("Record")).Block(
		jen.Return(jen.Qual(client, "NewDomain").Index(jen.Id("Record")).Call(jen.Id("c"), jen.Op("&").Id("Template"))),
	)
	for _, ix := range t.Indexes {
		if ix.Kind != model.IndexPrimary {
			genFilter(f, ix)
		}
	}
	for _, q := range t.Queries {
		genQuery(f, q)
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
	must := map[model.Kind]string{model.Timestamp: "MustTime", model.Date: "MustDate", model.GUID: "MustGUID"}
	return jen.Qual(record, must[typ.Kind]).Call(jen.Lit(v.Text))
}

// genQuery emits the constructor of a named query.
func genQuery(f *jen.File, q *model.Query) {
	params := make([]jen.Code, len(q.Params))
	args := make([]jen.Code, len(q.Params)+1)
	args[0] = jen.Lit(q.Name)
	names := parameters{}
	for i, p := range q.Params {
		arg := names.name(p.GoName)
		params[i] = jen.Id(arg).Add(goType(p.Type, p.GoName))
		args[i+1] = jen.Qual(client, "Arg").Call(jen.Lit(p.Name), jen.Id(arg))
	}
	name := "Query" + q.GoName
	doc := name + " is the query " + q.Name + "."
	if q.Doc != "" {
		doc = name + " is the query " + q.Name + ": " + lowerFirst(sentence(q.Doc))
	}
	f.Comment(comment(doc))
	f.Func().Id(name).Params(params...).Qual(client, "Query").Block(jen.Return(jen.Qual(client, "NewQuery").Call(args...)))
}
