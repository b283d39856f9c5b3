package rec

import (
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/model"
)

func TestCanonicalConstants(t *testing.T) {
	for _, c := range []struct{ typ, toml, want string }{
		{"string(3)", `"äöü"`, "äöü"},
		{"string(3)", `"abcd"`, "! 4 characters"},
		{"string(3)", `1`, "! expected a string, not an integer"},
		{"text(2)", `"ä"`, "ä"},
		{"text(2)", `"äö"`, "! 4 bytes"},
		{"integer", `9223372036854775807`, "9223372036854775807"},
		{"integer", `-9_223_372_036_854_775_808`, "-9223372036854775808"},
		{"integer", `0xff`, "255"},
		{"integer", `1.0`, "! an integer"},
		{"float", `1`, "1"},
		{"float", `1_000.50`, "1000.5"},
		{"float", `6.02e23`, "6.02e+23"},
		{"float", `0.1`, "0.1"},
		{"float", `-0.0`, "0"},
		{"float", `inf`, "! finite"},
		{"float", `1e999`, "! finite"},
		{"float", `"1"`, "! a number"},
		{"decimal(12,2)", `"12.3"`, "12.30"},
		{"decimal(12,2)", `12`, "12.00"},
		{"decimal(12,2)", `-0.5`, "-0.50"},
		{"decimal(12,2)", `"-0.00"`, "0.00"},
		{"decimal(12,2)", `"007.1"`, "7.10"},
		{"decimal(12,2)", `"+1"`, "1.00"},
		{"decimal(12,2)", `"1."`, "! not a decimal"},
		{"decimal(12,2)", `".5"`, "! not a decimal"},
		{"decimal(12,2)", `"--1"`, "! not a decimal"},
		{"decimal(12,2)", `"1,5"`, "! not a decimal"},
		{"decimal(12,2)", `""`, "! not a decimal"},
		{"decimal(12,2)", `1e3`, "! not a decimal"},
		{"decimal(12,2)", `"1.234"`, "! 3 digits after the point"},
		{"decimal(3,2)", `"12.00"`, "! 2 digits before the point"},
		{"decimal(4,0)", `"12"`, "12"},
		{"decimal(34,0)", `"9999999999999999999999999999999999"`, "9999999999999999999999999999999999"},
		{"decimal(2,2)", `"0.25"`, "0.25"},
		{"boolean", `true`, "true"},
		{"boolean", `"true"`, "! true or false"},
		{"timestamp", `"2026-01-31T23:59:59.5+02:00"`, "2026-01-31T21:59:59.500000Z"},
		{"timestamp", `1969-12-31 23:59:59.999999Z`, "1969-12-31T23:59:59.999999Z"},
		{"timestamp", `"2026-01-31"`, "! with an offset"},
		{"timestamp", `2026-01-31T00:00:00`, "! without offset"},
		{"timestamp", `"0001-01-01T00:00:00+01:00"`, "! years 1 to 9999"},
		{"timestamp", `"2026-01-31T00:00:00.0000001Z"`, "! six digits"},
		{"date", `2026-02-28`, "2026-02-28"},
		{"date", `"2026-02-29"`, "! not a date"},
		{"date", `"0000-01-01"`, "! not a date"},
		{"guid", `"0199AAAA-0000-7000-8000-00000000000F"`, "0199aaaa-0000-7000-8000-00000000000f"},
		{"guid", `"0199aaaa00007000800000000000000f"`, "! not a guid"},
		{"guid", `"0199aaaa-0000-7000-8000-00000000000g"`, "! not a guid"},
		{"binary", `"AAEC"`, "AAEC"},
		{"binary", `"AAE"`, "! not base64"},
		{"binary(1)", `"AAEC"`, "! 3 bytes"},
	} {
		tpl := Parse("x_rec.toml", []byte("fields.f = \""+c.typ+"\"\nv = "+c.toml+"\n"))
		if len(tpl.Problems) > 0 {
			t.Fatalf("%s %s: %v", c.typ, c.toml, tpl.Problems)
		}
		got, err := Constant(&tpl.Field("f").Type.Type, tpl.Root.Get("v").Value)
		text, bad := strings.CutPrefix(c.want, "! ")
		switch {
		case bad && (err == nil || !strings.Contains(err.Error(), text)):
			t.Errorf("%s %s: error %v, want one with %q", c.typ, c.toml, err, text)
		case !bad && (err != nil || got.Text != c.want):
			t.Errorf("%s %s: %q, %v, want %q", c.typ, c.toml, got.Text, err, c.want)
		}
	}
}

func TestEnumConstant(t *testing.T) {
	typ := &model.Type{Kind: model.Enum, Values: strings.Split(strings.Repeat("value,", 300), ",")}
	_, err := Constant(typ, &Value{Kind: KindString, Text: strings.Repeat("ä", 5000)})
	if err == nil || len(err.Error()) > 400 {
		t.Errorf("the message is not short: %v", err)
	}
}
