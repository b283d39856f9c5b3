package record

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

type point struct{ X, Y int }

// everything has a field of every type, required and optional.
type everything struct {
	Text     string
	TextOpt  Opt[string]
	Int      int64
	IntOpt   Opt[int64]
	Float    float64
	FloatOpt Opt[float64]
	Bool     bool
	BoolOpt  Opt[bool]
	Dec      Decimal
	DecOpt   Opt[Decimal]
	Time     time.Time
	TimeOpt  Opt[time.Time]
	Date     Date
	DateOpt  Opt[Date]
	ID       GUID
	IDOpt    Opt[GUID]
	JSON     JSON
	JSONOpt  Opt[JSON]
	Point    point
	PointOpt Opt[point]
}

// null has every optional field null.
func null(e everything) everything {
	e.TextOpt, e.IntOpt, e.FloatOpt, e.BoolOpt, e.DecOpt = Null[string](), Null[int64](), Null[float64](), Null[bool](), Null[Decimal]()
	e.TimeOpt, e.DateOpt, e.IDOpt, e.JSONOpt, e.PointOpt = Null[time.Time](), Null[Date](), Null[GUID](), Null[JSON](), Null[point]()
	return e
}

func TestRows(t *testing.T) {
	least := everything{Int: math.MinInt64, Float: -1.5, Dec: "-0.01", Time: time.UnixMicro(-1).UTC(), Date: Date{1000, 1, 1}, JSON: "{}"}
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
	most := everything{
		"😀", Some("a "), math.MaxInt64, Some(int64(-1)), math.MaxFloat64, Some(math.SmallestNonzeroFloat64), true, Some(false),
		"12.30", Some(Decimal("0")), last, Some(last), Date{2024, 2, 29}, Some(Date{9999, 12, 31}), GUID{1, 2, 255}, Some(GUID{}),
		`{"a":1}`, Some(JSON(`{}`)), point{1, -2}, Some(point{3, 4}),
	}
	for _, want := range []everything{least, null(least), most} {
		row, err := ToRow(&want)
		if err != nil {
			t.Fatal(err)
		}
		got := most // what was there before must not stay
		if err := FromRow(&got, row); err != nil || got != want {
			t.Errorf("%+v became %+v, %v", want, got, err)
		}
	}
	row, err := ToRow(&least)
	if err != nil || row[1].State != runtime.Missing || row[19].State != runtime.Missing || row[0].State != runtime.Set {
		t.Errorf("absent fields are %+v, %v", row, err)
	}
}

func TestBinaryAndLists(t *testing.T) {
	type lists struct {
		B    []byte
		BOpt Opt[[]byte]
		L    []string
		LOpt Opt[[]Decimal]
	}
	row, err := ToRow(&lists{[]byte{0, 255}, Some([]byte{}), []string{"a"}, Some([]Decimal{"1.5"})})
	if err != nil || row[0].Str != "\x00\xff" || row[1].State != runtime.Set || row[2].Str != `["a"]` || row[3].Str != `["1.5"]` {
		t.Fatalf("%+v, %v", row, err)
	}
	var got lists
	if err := FromRow(&got, row); err != nil || got.B[1] != 255 || got.L[0] != "a" || Or(got.LOpt, nil)[0] != "1.5" || IsNull(got.BOpt) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOpt(t *testing.T) {
	if _, ok := Get(Null[int64]()); ok || Or(Some(5), 6) != 5 || Or(Opt[int]{}, 6) != 6 || !IsNull(Opt[int]{}) || IsNull(Some("")) {
		t.Error("Get, Or or IsNull")
	}
	if Text(Some(Date{2026, 1, 2})) != "2026-01-02" || Text(Null[bool]()) != "null" {
		t.Error("Text")
	}
}

// What JSON cannot hold is refused by the name of the field.
func TestRefusals(t *testing.T) {
	for _, bad := range []any{
		&struct{ Field Opt[[]float64] }{Some([]float64{math.NaN()})}, &struct{ Field []float64 }{[]float64{math.Inf(1)}},
		&struct{ Field JSON }{"{"}, &struct{ Field Opt[JSON] }{Some(JSON(""))},
	} {
		if row, err := ToRow(bad); err == nil || !strings.Contains(err.Error(), "Field") {
			t.Errorf("%+v became %+v, error %v", bad, row, err)
		}
	}
	if _, err := AppendJSON(nil, math.NaN()); err == nil {
		t.Error("NaN is JSON")
	}
}

func TestAppendJSON(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6789, time.FixedZone("", 3600))
	for want, v := range map[string]any{
		`"a\"b"`: `a"b`, `-5`: int64(-5), `1.5`: 1.5, `true`: true, `"1.50"`: Decimal("1.50"), `"AP8="`: []byte{0, 255},
		`"2026-01-02T02:04:05.000006Z"`: at, `"2026-01-02"`: Date{2026, 1, 2}, `{"a":1}`: JSON(`{"a":1}`), `["x"]`: []string{"x"},
		`"01020000-0000-0000-0000-000000000000"`: GUID{1, 2},
	} {
		if got, err := AppendJSON(nil, v); err != nil || string(got) != want {
			t.Errorf("%v became %s, want %s, %v", v, got, want, err)
		}
	}
}

func TestConstants(t *testing.T) {
	if MustDate("2026-01-02") != (Date{2026, 1, 2}) || MustGUID("01020000-0000-0000-0000-000000000000") != (GUID{1, 2}) ||
		MustTime("2026-01-02T03:04:05.000006Z") != time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC) {
		t.Error("a constant is not what its text says")
	}
}
