package rule

import (
	"errors"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-constant",
		Doc: "A constant in a filter or a partial index is a value of its field.",
		Cure: "It has the form of the field's type and, for an enum, is one of its values. \"$name\" is a parameter; " +
			"a list belongs to in and is not empty.",
		whole: true,
		check: checkConstants,
	})
}

func checkConstants(t *rec.Template, r *Reporter) {
	for _, ix := range t.Indexes {
		for _, c := range ix.Where {
			checkConstant(t, c, r)
		}
	}
	for _, q := range t.Queries {
		for _, c := range q.Where {
			if c.Param == "" {
				checkConstant(t, c, r)
			}
		}
	}
}

// maxIn is the largest number of constants in a list.
const maxIn = 256

func checkConstant(t *rec.Template, c *rec.Condition, r *Reporter) {
	f, ok := typed(t, c.Field.Name)
	if !ok || !indexable(f.Type.Kind) {
		return
	}
	v := c.Operand
	if c.Op != string(model.OpIn) {
		checkValue(f, v, c.Op, r)
		return
	}
	if v.Kind != rec.KindList || len(v.List) == 0 || len(v.List) > maxIn {
		r.Addf(v.Span, "the operand of in is a list of 1 to %d constants or a parameter of type array", maxIn)
		return
	}
	for _, e := range v.List {
		checkValue(f, e, c.Op, r)
	}
}

func checkValue(f field, v *rec.Value, op string, r *Reporter) {
	typ := f.Type
	if op == string(model.OpPrefix) && typ.Kind == model.Enum {
		typ = &model.Type{Kind: model.String, Max: typ.Max} // the beginning of a value is enough
	}
	_, err := rec.Constant(typ, v)
	var unknown *rec.NotInEnum
	switch {
	case errors.As(err, &unknown):
		r.Suggest(v.Span, unknown.Got, unknown.Known, "bad constant for field %q: %v", f.Name, err)
	case err != nil:
		r.Addf(v.Span, "bad constant for field %q of type %s: %v", f.Name, typ.Kind, err)
	}
}
