package runtime

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/runtime/envelope"
)

func TestPlan(t *testing.T) {
	tmpl := person(t)
	tests := []struct {
		data  string
		sort  []string
		index string // empty: no access path
		order string // public names of the total order
	}{
		{`{}`, nil, "id", "id"},
		{`{}`, []string{"-id"}, "id", "-id"},
		{`{}`, []string{"age"}, "age", "age id"},
		{`{}`, []string{"-age"}, "age", "-age -id"},
		{`{"age":5}`, nil, "age", "age id"},
		{`{"age":null}`, nil, "age", "age id"},
		{`{"age":{"gte":1,"lt":5}}`, []string{"-age"}, "age", "-age -id"},
		{`{"email":"x"}`, nil, "email", "email id"},
		{`{"city":"Ulm"}`, nil, "city_age", "city -age id"},
		{`{"city":"Ulm"}`, []string{"age"}, "city_age", "-city age -id"},
		{`{"city":"Ulm"}`, []string{"-age", "id"}, "city_age", "city -age id"},
		{`{"city":"Ulm","age":{"gt":1}}`, nil, "city_age", "city -age id"},
		{`{"age":1,"city":"Ulm"}`, nil, "city_age", "city -age id"},
		{`{"city":{"prefix":"U"}}`, nil, "city_age", "city -age id"},
		{`{"state":"old","age":{"gt":3}}`, nil, "olds", "age id"},
		{`{"state":"new"}`, nil, "", ""},
		{`{"state":"new","age":1}`, nil, "", ""},
		{`{"city":{"gt":"A"},"age":1}`, nil, "", ""},
		{`{}`, []string{"state"}, "", ""},
		{`{"city":"Ulm"}`, []string{"age", "-id", "city"}, "", ""},
		{`{}`, []string{"age", "-id"}, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.data+strings.Join(tt.sort, ","), func(t *testing.T) {
			f, err := decodeFilter(tmpl, []byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			sort, err := decodeSort(tmpl, tt.sort)
			if err != nil {
				t.Fatal(err)
			}
			find, err := plan(tmpl, f, sort)
			if tt.index == "" {
				if !errors.Is(err, &envelope.Error{Code: envelope.NoAccessPath}) {
					t.Errorf("got %v, %v", find, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if order := names2(tmpl, find.Sort); find.Index.Name != tt.index || order != tt.order {
				t.Errorf("served by %s in the order %s", find.Index.Name, order)
			}
		})
	}
}

func names2(t *Template, keys []Key) string {
	var list []string
	for _, k := range keys {
		name := t.Fields[k.Field].Public
		if k.Desc {
			name = "-" + name
		}
		list = append(list, name)
	}
	return strings.Join(list, " ")
}

func TestPlanDoesNotChangeTheTemplate(t *testing.T) {
	tmpl := person(t)
	before := slices.Clone(tmpl.Indexes[0].Keys)
	f, _ := decodeFilter(tmpl, []byte(`{}`))
	if _, err := plan(tmpl, f, []Key{{Field: FieldID, Desc: true}}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(before, tmpl.Indexes[0].Keys) {
		t.Error("the template's index was turned round")
	}
}

func TestFilterRefuses(t *testing.T) {
	tmpl := person(t)
	for data, code := range map[string]envelope.Code{
		`{"no":1}`:                         envelope.UnknownField,
		`{"hash":"x"}`:                     envelope.UnknownField,
		`{"Age":1}`:                        envelope.UnknownField,
		`{"age":{"$ne":null}}`:             envelope.BadOperator,
		`{"age":{"gt":1,"gte":1}}`:         envelope.BadOperator,
		`{"age":{"eq":1,"lt":1}}`:          envelope.BadOperator,
		`{"age":{"gt":null}}`:              envelope.BadValue,
		`{"age":{}}`:                       envelope.BadOperator,
		`{"age":[1]}`:                      envelope.BadType,
		`{"age":"1"}`:                      envelope.BadType,
		`{"age":1.5}`:                      envelope.BadType,
		`{"age":9223372036854775808}`:      envelope.BadValue,
		`{"email":null}`:                   envelope.BadValue,
		`{"email":{"prefix":"a"}}`:         envelope.BadOperator,
		`{"id":null}`:                      envelope.BadValue,
		`{"id":["x"]}`:                     envelope.BadValue,
		`{"created":"yesterday"}`:          envelope.BadValue,
		`{"created":"2026-01-01"}`:         envelope.BadValue,
		`{"state":"none"}`:                 envelope.BadEnum,
		`{"city":"longer than ten runes"}`: envelope.BadValue,
		`7`:                                envelope.BadType,
	} {
		_, err := decodeFilter(tmpl, []byte(data))
		var e *envelope.Error
		if !errors.As(err, &e) || e.Code != code {
			t.Errorf("%s: got %v, want %s", data, err, code)
		}
	}
}

func TestPrefixEnd(t *testing.T) {
	for s, want := range map[string]string{"a": "b", "az": "a{", "é": "ê", "\uD7FF": "\uE000", "a\U0010FFFF": "b"} {
		if got, ok := prefixEnd(s); !ok || got != want {
			t.Errorf("%q: %q %v, want %q", s, got, ok, want)
		}
	}
	if _, ok := prefixEnd("\U0010FFFF"); ok {
		t.Error("there is nothing after the last code point")
	}
}

func TestCursor(t *testing.T) {
	tmpl := person(t)
	sort := []Key{{Field: 5, Desc: true}, {Field: FieldID}}
	row := make(Row, len(tmpl.Fields))
	for _, age := range []Value{IntValue(-5), NullValue()} {
		row[5], row[FieldID] = age, GUID{7}.Value()
		c := encodeCursor(tmpl, row, sort, 42)
		after, err := decodeCursor(tmpl, c, sort, 42)
		if err != nil || after[0] != age || after[1] != row[FieldID] {
			t.Errorf("got %v, %v", after, err)
		}
		for _, bad := range []string{c[1:], c + "AA", "!", c[:len(c)-4]} {
			if _, err := decodeCursor(tmpl, bad, sort, 42); !errors.Is(err, &envelope.Error{Code: envelope.BadCursor}) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if _, err := decodeCursor(tmpl, c, sort, 43); err == nil {
			t.Error("the cursor of another request is taken")
		}
	}
}

func FuzzCursor(f *testing.F) {
	tmpl := person(f)
	sort := []Key{{Field: 6}, {Field: 5, Desc: true}, {Field: FieldID}}
	row := make(Row, len(tmpl.Fields))
	row[6], row[5], row[FieldID] = StrValue("Ulm"), NullValue(), GUID{1}.Value()
	f.Add(encodeCursor(tmpl, row, sort, 1))
	f.Fuzz(func(t *testing.T, cursor string) {
		after, err := decodeCursor(tmpl, cursor, sort, 1)
		if err == nil && cursor != "" && (len(after) != len(sort) || after[2].State != Set) {
			t.Errorf("%q gave %v", cursor, after)
		}
	})
}

// FuzzFilter: whatever a client sends, a filter has typed values of declared
// fields, or the request is refused as the client's mistake.
func FuzzFilter(f *testing.F) {
	f.Add(`{"age":{"gte":1,"lt":5},"city":"Ulm"}`)
	f.Add(`{"id":["01890000-0000-7000-8000-000000000000"]}`)
	f.Add(`{"city":{"prefix":"\ud83d\ude00"}}`)
	tmpl := person(f)
	f.Fuzz(func(t *testing.T, data string) {
		body := `{"v":1,"template":"person","op":"fetch","data":` + data + `}`
		req, bad := envelope.Decode([]byte(body), envelope.DefaultLimits)
		if bad != nil {
			return
		}
		filter, err := decodeFilter(tmpl, req.Data)
		if err != nil {
			var e *envelope.Error
			if !errors.As(err, &e) || e.Class() != envelope.ClassClient {
				t.Errorf("%s: %v", data, err)
			}
			return
		}
		for _, term := range filter.terms {
			if term.Op < Eq || term.Op > Lte || tmpl.Fields[term.Field].Secret || term.Value.State == Missing {
				t.Errorf("%s gave %+v", data, term)
			}
		}
		if find, err := plan(tmpl, filter, nil); err == nil {
			hashFind(tmpl, find)
		}
	})
}
