package record

import (
	"math"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

// round checks that a codec's two directions are inverse.
func round[T comparable](t *testing.T, c Codec[T], values ...T) {
	t.Helper()
	for _, v := range values {
		if got := c.From(c.To(v)); got != v {
			t.Errorf("%v became %v", v, got)
		}
	}
}

func TestCodecs(t *testing.T) {
	round(t, Text, "", "😀", "a ")
	round(t, Integer, 0, math.MinInt64, math.MaxInt64)
	round(t, Float, 0, -1.5, math.MaxFloat64, math.SmallestNonzeroFloat64)
	round(t, Boolean, true, false)
	round(t, Number, Decimal("12.30"), Decimal("-0.01"))
	round(t, Time, time.UnixMicro(-1).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC))
	round(t, Day, Date{1000, 1, 1}, Date{2024, 2, 29})
	round(t, UUID, GUID{1, 2, 255})
	round(t, Object, JSON(`{"a":1}`))
	type point struct{ X, Y int }
	round(t, Typed[point](), point{1, -2})
}

func TestOptional(t *testing.T) {
	for _, o := range []Opt[string]{{}, Null[string](), Some(""), Some("x")} {
		if got := FromValue(Text, Optional(Text, o)); got != o {
			t.Errorf("%+v became %+v", o, got)
		}
	}
	if v := Optional(Text, Opt[string]{}); v.State != runtime.Missing {
		t.Error("an absent field is written")
	}
	if v := Optional(Text, Null[string]()); v.State != runtime.Null {
		t.Error("a null is not written as null")
	}
	if _, ok := Null[int64]().Get(); ok || Some(5).Or(6) != 5 || (Opt[int]{}).Or(6) != 6 {
		t.Error("Get or Or")
	}
}

// A value that JSON cannot hold becomes an empty text, which the client refuses.
func TestTypedRefusesNaN(t *testing.T) {
	if v := Typed[[]float64]().To([]float64{math.NaN()}); v.Str != "" {
		t.Errorf("NaN became %q", v.Str)
	}
}
