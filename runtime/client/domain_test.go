package client_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/record"
)

// measure is a record as bedsgen emits it.
type measure struct {
	ID       record.GUID
	Created  time.Time
	Updated  time.Time
	Revision int64
	Value    record.Opt[float64]
	Series   record.Opt[[]float64]
}

func template(fields ...runtime.Field) *runtime.Template {
	fields = append([]runtime.Field{
		{Name: "id", Public: "id", Type: runtime.Type{Kind: runtime.GUIDKind}},
		{Name: "created", Public: "created", Type: runtime.Type{Kind: runtime.Timestamp}},
		{Name: "updated", Public: "updated", Type: runtime.Type{Kind: runtime.Timestamp}},
		{Name: "revision", Public: "revision", Type: runtime.Type{Kind: runtime.Integer}},
	}, fields...)
	return &runtime.Template{Name: "measure", Fields: fields}
}

// A value that JSON cannot hold is refused before anything is sent, with its name.
func TestRefusesWhatJSONCannotHold(t *testing.T) {
	float := runtime.Type{Kind: runtime.Float}
	domain := client.NewDomain[measure](nil, template(
		runtime.Field{Name: "value_mea", Public: "value", Type: float},
		runtime.Field{Name: "series_mea", Public: "series", Type: runtime.Type{Kind: runtime.Array, Elem: &float}}))
	ctx, value, nan := t.Context(), client.FloatField("value"), math.NaN()
	_, fetch := domain.Fetch(ctx, client.Where(value.IsNull(), value.Gt(nan)))
	_, count := domain.Count(ctx, client.Where().And(value.Eq(nan)))
	_, query := domain.Query(ctx, client.NewQuery("above", client.Arg("value", nan)))
	_, update := domain.Update(ctx, record.GUID{}, 1, []client.Change{value.ToNull(), value.To(nan)})
	_, write := domain.Write(ctx, measure{Series: record.Some([]float64{nan})})
	_, _, writeAll := domain.WriteAll(ctx, []measure{{}, {Series: record.Some([]float64{nan})}})
	for name, err := range map[string]error{"fetch": fetch, "count": count, "query": query, "update": update, "write": write, "write all": writeAll} {
		if err == nil || !strings.Contains(err.Error(), "value") && !strings.Contains(err.Error(), "Series") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRefusesTheRecordOfAnotherTemplate(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.Contains(p.(string), "measure") {
			t.Errorf("panic %v", p)
		}
	}()
	client.NewDomain[measure](nil, template())
}
