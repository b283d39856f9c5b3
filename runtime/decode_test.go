package runtime

import (
	"errors"
	"strings"
	"testing"

	"github.com/beds-project/beds/runtime/envelope"
)

func TestDecodeInsert(t *testing.T) {
	tmpl := person(t)
	row, err := decodeInsert(tmpl, []byte(`{"email":"a@b","age":null}`))
	if err != nil {
		t.Fatal(err)
	}
	if row[6] != StrValue("Ulm") || row[5].State != Null || row[9].State != Null || row[7] != StrValue("a@b") {
		t.Errorf("got %+v", row)
	}
}

// TestAllErrorsAtOnce: a caller learns everything that is wrong in one reply.
func TestAllErrorsAtOnce(t *testing.T) {
	_, err := decodeInsert(person(t), []byte(`{"age":"x","no":1,"score":1,"id":"z","city":null,"state":"none"}`))
	var e *envelope.Error
	if !errors.As(err, &e) || e.Code != envelope.Invalid {
		t.Fatal(err)
	}
	got := map[string]envelope.Code{}
	for _, d := range e.Details {
		got[d.Field] = d.Code
	}
	want := map[string]envelope.Code{"age": envelope.BadType, "no": envelope.UnknownField, "score": envelope.Protected,
		"id": envelope.Protected, "city": envelope.Required, "state": envelope.BadEnum, "email": envelope.Required}
	for field, code := range want {
		if got[field] != code {
			t.Errorf("%s: %q, want %q", field, got[field], code)
		}
	}
	if len(got) != len(want) {
		t.Errorf("details %v", e.Details)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 500 {
		b.WriteString(`"f` + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + `":1,`)
	}
	_, err := decodeInsert(person(t), []byte(`{`+b.String()+`"age":1}`))
	var e *envelope.Error
	if !errors.As(err, &e) || len(e.Details) > maxDetails {
		t.Fatalf("%d details", len(e.Details))
	}
}

func TestDecodeUpdateNeedsItsTarget(t *testing.T) {
	tmpl := person(t)
	const id = `"id":"01890000-0000-7000-8000-000000000000"`
	for data, code := range map[string]envelope.Code{
		`{` + id + `,"revision":1,"age":2}`:                "",
		`{` + id + `,"revision":1,"age":null}`:             "",
		`{` + id + `,"age":2}`:                             envelope.Required,
		`{"revision":1,"age":2}`:                           envelope.Required,
		`{` + id + `,"revision":1}`:                        envelope.Required,
		`{` + id + `,"revision":0,"age":2}`:                envelope.BadValue,
		`{` + id + `,"revision":1,"email":null}`:           envelope.Required,
		`{` + id + `,"revision":1,"created":"x","age":2}`:  envelope.Protected,
		`{"id":null,"revision":1,"age":2}`:                 envelope.Required,
		`{` + id + `,"revision":1,"score":5}`:              envelope.Protected,
		`{` + id + `,"revision":1,"age":2,"unknown":null}`: envelope.UnknownField,
	} {
		_, _, _, err := decodeUpdate(tmpl, []byte(data))
		var e *envelope.Error
		errors.As(err, &e)
		switch {
		case code == "" && err != nil:
			t.Errorf("%s: %v", data, err)
		case code != "" && (e == nil || e.Code != code):
			t.Errorf("%s: got %v, want %s", data, err, code)
		}
	}
}

// TestRequestHash: the same request in other words has the same hash, another
// request another one.
func TestRequestHash(t *testing.T) {
	c := NewCore(person(t), nil)
	hash := func(data string) [16]byte {
		t.Helper()
		req := &Request{Request: &envelope.Request{Op: envelope.OpWrite, Key: "k", Data: []byte(data)}}
		item, err := c.planInsert(req)
		if err != nil {
			t.Fatal(err)
		}
		return item.Hash
	}
	same := hash(`{"email":"a","age":1}`)
	if hash(` { "age" : 1 , "email":"\u0061", "city":"Ulm" } `) != same {
		t.Error("the order of members or a default spelt out changes the hash")
	}
	if hash(`{"email":"a","age":2}`) == same || hash(`{"email":"a"}`) == same {
		t.Error("another request has the same hash")
	}
}

func TestCanonicalText(t *testing.T) {
	decimal := Type{Kind: Decimal, Precision: 6, Scale: 2}
	array := Type{Kind: Array, Max: 3, Elem: &decimal}
	free := Type{Kind: Object}
	declared := Type{Kind: Object, Fields: []SubField{{Name: "a", Type: Type{Kind: Integer}}, {Name: "b", Type: Type{Kind: Boolean}, Required: true}}}
	tests := []struct {
		typ      Type
		in, want string // an empty want is a refusal
	}{
		{decimal, "12", "12.00"}, {decimal, "-0.00", "0.00"}, {decimal, "007.5", "7.50"}, {decimal, "-1.230", "-1.23"},
		{decimal, "12345", ""}, {decimal, "1.234", ""}, {decimal, "1e3", ""}, {decimal, "+1", ""}, {decimal, ".5", ""}, {decimal, "5.", ""}, {decimal, "", ""},
		{array, `["1","2.5"]`, `["1.00","2.50"]`}, {array, `[]`, `[]`}, {array, `[null]`, ""}, {array, `["1","1","1","1"]`, ""}, {array, `[1]`, ""},
		{free, `{ "b":1e2, "a":[1.50,"\u00e9",null,true], "n":9223372036854775808 }`, `{"b":100,"a":[1.5,"é",null,true],"n":9223372036854776000}`},
		{free, `{"$where":1}`, ""}, {free, `{"a.b":1}`, ""}, {free, `{"":1}`, ""}, {free, `{"a":"\u0000"}`, ""}, {free, `{"a":1e999}`, ""},
		{declared, `{"b":true,"a":5}`, `{"a":5,"b":true}`}, {declared, `{"b":false,"a":null}`, `{"b":false}`},
		{declared, `{"a":5}`, ""}, {declared, `{"b":true,"c":1}`, ""}, {declared, `{"b":"x"}`, ""},
		{Type{Kind: Float}, "-0.0", "0"}, {Type{Kind: Float}, "1e400", ""},
		{Type{Kind: Timestamp}, "2026-01-31T23:59:59.5+01:00", `"2026-01-31T22:59:59.500000Z"`},
		{Type{Kind: Timestamp}, "2026-01-31T23:59:59.1234567Z", ""}, {Type{Kind: Timestamp}, "0999-01-31T23:59:59Z", ""},
		{Type{Kind: Date}, "2026-02-29", ""}, {Type{Kind: Date}, "2024-02-29", `"2024-02-29"`},
		{Type{Kind: GUIDKind}, "01890000-0000-7000-8000-00000000000A", `"01890000-0000-7000-8000-00000000000a"`}, {Type{Kind: GUIDKind}, "01890000", ""},
		{Type{Kind: Binary, Max: 2}, "AAE=", `"AAE="`}, {Type{Kind: Binary, Max: 2}, "AAEC", ""}, {Type{Kind: Binary, Max: 2}, "AAE", ""},
	}
	for _, tt := range tests {
		v, err := ParseText(&tt.typ, tt.in)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%s %s is taken as %+v", tt.typ.Kind, tt.in, v)
			}
			continue
		}
		got := string(AppendValue(nil, &tt.typ, v))
		if tt.typ.Kind == Decimal {
			got = strings.Trim(got, `"`)
		}
		if err != nil || got != tt.want {
			t.Errorf("%s %s: %s %v, want %s", tt.typ.Kind, tt.in, got, err, tt.want)
		}
	}
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	if _, err := ParseText(&free, deep); err == nil {
		t.Error("40 levels are taken")
	}
}
