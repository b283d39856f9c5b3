package rule

import (
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "param-type",
		Doc: "A parameter has the type of the fields that it is compared with.",
		Cure: "The operand of in is an array of that type. An enum may be compared with a string, and decimals of any " +
			"precision with each other. Parameters are scalars other than text and binary, or arrays of them.",
		whole: true,
		check: checkParamTypes,
	})
}

func checkParamTypes(t *rec.Template, r *Reporter) {
	for _, q := range t.Queries {
		for _, p := range q.Params {
			switch p.Type.Kind {
			case model.Text, model.Binary, model.Object:
				r.Addf(p.Type.Span, "parameter %q cannot be of type %s: nothing can be compared with it", clip(p.Name), p.Type.Kind)
			}
		}
		for _, c := range q.Where {
			checkOperandType(t, q, c, r)
		}
	}
}

func checkOperandType(t *rec.Template, q *rec.Query, c *rec.Condition, r *Reporter) {
	p := q.Param(c.Param)
	f, ok := typed(t, c.Field.Name)
	if p == nil || p.Type.Kind == "" || !ok || !indexable(f.Type.Kind) {
		return
	}
	got := &p.Type.Type
	in := c.Op == string(model.OpIn)
	switch {
	case in && got.Kind != model.Array:
		r.Addf(c.Operand.Span, "the operand of in is an array; declare %s = \"array<%s>\"", clip(p.Name), f.Type.Kind)
		return
	case !in && got.Kind == model.Array:
		r.Addf(c.Operand.Span, "parameter %q is an array, which only the operator in compares with", clip(p.Name))
		return
	case in:
		got = got.Elem
	}
	want := f.Type.Kind
	if got.Kind != want && !(want == model.Enum && got.Kind == model.String) {
		r.Addf(c.Operand.Span, "parameter %q is of type %s, field %q of type %s", clip(p.Name), got.Kind, f.Name, want)
	}
}
