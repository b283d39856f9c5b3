package mongo

import (
	"math"
	"strings"
	"testing"

	beds "github.com/beds-project/beds/runtime"
)

// edges are values of every kind at their limits.
func edges(t testing.TB) map[int][]beds.Value {
	guid := func(s string) beds.Value {
		g, err := beds.ParseGUID(s)
		if err != nil {
			t.Fatal(err)
		}
		return g.Value()
	}
	str := func(list ...string) (values []beds.Value) {
		for _, s := range list {
			values = append(values, beds.StrValue(s))
		}
		return values
	}
	integers := func(list ...int64) (values []beds.Value) {
		for _, i := range list {
			values = append(values, beds.IntValue(i))
		}
		return values
	}
	floats := func(list ...float64) (values []beds.Value) {
		for _, f := range list {
			values = append(values, beds.FloatValue(f))
		}
		return values
	}
	var objects []beds.Value
	for _, text := range freeObjects {
		objects = append(objects, beds.StrValue(canonical(t, free, text)))
	}
	return map[int][]beds.Value{
		amount: str("0.0000", "-0.0001", "0.0001", "123456789012345678901234567890.1234", "-123456789012345678901234567890.1234",
			"-999999999999999999999999999999.9999", "12.3000"),
		blob:    str("", "\x00\x01\xff", strings.Repeat("\x00\xfe", 1<<19)),
		born:    str("1000-01-01", "1969-12-31", "2026-02-28", "9999-12-31"),
		color:   str("red", "green"),
		flag:    integers(0, 1),
		free_:   objects,
		long:    str("", strings.Repeat("0123456789abcdef", 1<<16)),
		name:    str("", "$where", "a.b.c", "{\"$ne\":null}", "😀𐍈", "e\u0301", "trailing ", "' \" ` \\ \n\t\x7f"),
		number_: integers(0, -1, math.MaxInt64, math.MinInt64, 1<<53+1),
		owner: []beds.Value{guid("00000000-0000-0000-0000-000000000000"), guid("ffffffff-ffff-ffff-ffff-ffffffffffff"),
			guid("01941f29-7c00-7aaa-8bbb-cccccccccccc")},
		place: str(canonical(t, &thing.Fields[place].Type,
			`{"since":"1900-01-01T00:00:00.000001Z","city":"Z","inner":{"n":-9223372036854775808,"who":"01941f29-7c00-7aaa-8bbb-cccccccccccc"},"price":"-1.5"}`),
			`{"city":""}`),
		ratio:   floats(0, 0.1, -1e308, math.SmallestNonzeroFloat64, math.MaxFloat64, 1e21, 3),
		seen:    integers(now, -1, -30_610_224_000_000_000, 253_402_300_799_999_999),
		expires: integers(now, -1, -1_999_999),
		tags:    str(`[]`, `["","😀","$x","a.b"]`),
		weights: str(`[]`, `["-999.999","0.000","1.500"]`),
	}
}

// freeObjects are what clients may put into a free object.
var freeObjects = []string{
	`{}`,
	`{"z":1,"a":2}`,
	`{"n":9223372036854775807,"m":-9223372036854775808,"f":1.5,"e":1e300,"big":1e20,"small":1e-7,"whole":3.0,"null":null,"t":true,"f2":false}`,
	`{"a":{"b":{"c":[1,"x",null,{"d":[]}]}}}`,
	`{"a":[[1,[2]],[],[[]],{"b":[[true]]}]}`,
	`{"z":1,"_id":"x","a":{"_json":"[1]","q":2}}`,
	`{"a":{"_json":"{}"},"b":[{"_id":1}]}`,
	`{"😀":"é","sp ace":"\u0001\"\\","nl":"\n"}`,
	`{"oid":{"numberLong":"5"},"date":"2026-01-01T00:00:00Z"}`,
}

func TestEveryValueComesBackAsItWas(t *testing.T) {
	s := openTest(t)
	for i, values := range edges(t) {
		for _, v := range append(values, beds.NullValue()) {
			if v.State == beds.Null && thing.Fields[i].Required {
				continue
			}
			ids := insertAll(t, s, thing, newThing(map[int]beds.Value{i: v}))
			if got := get(t, s, thing, ids[0])[i]; got != v {
				t.Errorf("%s: %s came back as %s (%d, %g)", thing.Fields[i].Name, clipped(v.Str), clipped(got.Str), got.Int, got.Float)
			}
			// The same value through an update.
			ids = insertAll(t, s, thing, newThing(nil))
			o, err := s.Update(t.Context(), thing, []beds.Update{changeOf(ids[0], i, v)}, false)
			if err != nil || o[0].Code != "" {
				t.Fatalf("%s: %v %v", thing.Fields[i].Name, o, err)
			}
			if got := get(t, s, thing, ids[0])[i]; got != v {
				t.Errorf("%s: %s came back from an update as %s", thing.Fields[i].Name, clipped(v.Str), clipped(got.Str))
			}
		}
	}
}

func TestSystemFieldsComeBack(t *testing.T) {
	s := openTest(t)
	in := newThing(map[int]beds.Value{secret: beds.StrValue("canary")})
	id := insertAll(t, s, thing, in)[0]
	row := get(t, s, thing, id)
	for i := range beds.FieldDeleted + 1 {
		if row[i] != in.Row[i] {
			t.Errorf("%s: %v, want %v", thing.Fields[i].Name, row[i], in.Row[i])
		}
	}
	if row[secret] != (beds.Value{}) {
		t.Error("a secret field was read")
	}
}

func TestBrokenBSONIsAnError(t *testing.T) {
	p := newPlan(thing)
	w := newWriter(512)
	root := w.open()
	w.record(p, newThing(map[int]beds.Value{tags: beds.StrValue(`["a"]`), place: beds.StrValue(`{"city":"x"}`)}).Row, &claim{})
	w.close(root)
	for i := range w.b {
		p.decodeRow(string(w.b[:i])) //nolint:errcheck // it must not panic
		bad := []byte(string(w.b))
		bad[i] ^= 0xFF
		p.decodeRow(string(bad)) //nolint:errcheck // it must not panic
	}
	if _, err := p.decodeRow(string(w.b[:len(w.b)-1])); err == nil {
		t.Error("half a document was read")
	}
}

func FuzzDecodeRow(f *testing.F) {
	p := newPlan(thing)
	w := newWriter(512)
	root := w.open()
	w.record(p, newThing(map[int]beds.Value{free_: beds.StrValue(`{"a":[1,{"b":null}]}`)}).Row, &claim{})
	w.close(root)
	f.Add(w.b)
	f.Fuzz(func(_ *testing.T, doc []byte) {
		p.decodeRow(string(doc)) //nolint:errcheck // it must not panic
	})
}

func FuzzFreeObject(f *testing.F) {
	for _, text := range freeObjects {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := beds.ParseText(free, text)
		if err != nil {
			return // the runtime refuses it
		}
		w := newWriter(64)
		root := w.open()
		w.json("x", free, v.Str)
		w.close(root)
		if w.err != nil {
			t.Fatalf("%s: %v", v.Str, w.err)
		}
		r := readDocument(string(w.b))
		e, _ := r.next()
		back, err := appendJSON(nil, free, &e)
		if err != nil || string(back) != v.Str {
			t.Fatalf("%s came back as %s (%v)", v.Str, back, err)
		}
	})
}

func TestDecimalOrderIsNumericOrder(t *testing.T) {
	sorted := []string{"-9999.99", "-100.00", "-12.31", "-12.30", "-0.01", "0.00", "0.01", "0.10", "1.00", "12.30", "9999.99"}
	last := ""
	for _, s := range sorted {
		b, err := appendSortable(nil, s, 6, 2)
		if err != nil {
			t.Fatal(err)
		}
		if string(b) <= last {
			t.Errorf("%s sorts as %s, not after %s", s, b, last)
		}
		last = string(b)
		if back, err := plainDecimal(last); err != nil || back != s {
			t.Errorf("%s came back as %s: %v", s, back, err)
		}
	}
	for _, s := range []string{"0.30", "-0.30", "0.00"} {
		b, err := appendSortable(nil, s, 2, 2)
		if back, _ := plainDecimal(string(b)); err != nil || back != s {
			t.Errorf("%s came back as %s: %v", s, back, err)
		}
	}
	for _, s := range []string{"12345.00", "1.2", "1.234"} {
		if _, err := appendSortable(nil, s, 6, 2); err == nil {
			t.Errorf("%s was taken as decimal(6,2)", s)
		}
	}
}
