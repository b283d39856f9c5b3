package rule

import (
	"errors"

	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func init() {
	register(&Rule{
		ID:  "bad-default",
		Doc: "A default is a value of its field.",
		Cure: "It has the form of the type (decimals as a text such as \"12.50\", timestamps with an offset), lies within " +
			"its bounds, and is one of an enum's values. Arrays, objects and binaries can only default to empty.",
		check: checkDefaults,
	})
}

func checkDefaults(t *rec.Template, r *Reporter) {
	for _, f := range t.Fields {
		if f.Default == nil || f.Type.Kind == "" {
			continue
		}
		_, err := f.DefaultValue()
		var unknown *rec.NotInEnum
		switch {
		case errors.As(err, &unknown):
			r.Suggest(f.Default.Span, unknown.Got, unknown.Known, "bad default of %q: %v", clip(f.Name), err)
		case err != nil:
			r.Addf(f.Default.Span, "bad default of %q: %v", clip(f.Name), err)
		case f.Type.Kind == model.Object && hasRequired(f.Sub):
			r.Addf(f.Default.Span, "bad default of %q: {} lacks its required sub-fields", clip(f.Name))
		}
	}
}

func hasRequired(list []*rec.Field) bool {
	for _, f := range list {
		if f.Required.Value {
			return true
		}
	}
	return false
}
