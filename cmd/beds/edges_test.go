package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
)

// An edge is a value at the end of a type's range, as a client writes it and as every
// reply must have it.
type edge struct{ in, out string }

// same is a value that comes out as it went in.
func same(values ...string) []edge {
	edges := make([]edge, len(values))
	for i, v := range values {
		edges[i] = edge{v, v}
	}
	return edges
}

// texts are strings that come out as they went in, in the wire's own spelling.
func texts(values ...string) []edge {
	for i, v := range values {
		quoted, err := jsontext.AppendQuote(nil, v)
		if err != nil {
			panic(err)
		}
		values[i] = string(quoted)
	}
	return same(values...)
}

func list(n int, item string) string {
	return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
}

func nested(n int, inner string) string {
	return strings.Repeat(`{"d":`, n) + inner + strings.Repeat("}", n)
}

func base64Of(b []byte) string { return `"` + base64.StdEncoding.EncodeToString(b) + `"` }

// allBytes has every byte value, zeros first and last.
func allBytes() []byte {
	b := make([]byte, 257)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

const (
	nines34   = "9999999999999999999999999999999999"
	nines20   = "99999999999999999999"
	freeDepth = 30 // the envelope's 32 levels, less the request's object and data
)

// edgesOf lists what each field must hold. Those of an indexed field stand in the
// order of their values, which the test compares with the order of the replies.
func edgesOf() map[string][]edge {
	strange := []string{
		"\u0001", "\t", "\n", " ", "\"", "$where", "'; DROP TABLE x; -- ", "A", "\\", "`", "a", "a ", "a.b", "a\u0001", "e\u0301", "\u007f", "\u0085", "é",
		"\u0301", "\u05e9\u05dc\u05d5\u05dd", "\u2028", "\u202eabc\u202c", "\ud7ff", "\ufeffx", "\ufffd", "\uffff", "👨‍👩‍👧‍👦", strings.Repeat("😀", 700), "\U0010ffff",
	}
	slices.Sort(strange) // by code points, as both stores sort
	return map[string][]edge{
		"one":   texts("", "\u0001", "\u007f", "é", "\U0010ffff"),
		"name":  texts(append([]string{""}, strange...)...),
		"wide":  texts(strings.Repeat("\U0010ffff", 4000), strings.Repeat("e\u0301", 2000), strings.Repeat("\u05d0", 4000), strings.Repeat("\\", 4000)),
		"text":  texts("", strings.Repeat("x", 1<<20), strings.Repeat("😀", 1<<18), strings.Repeat("\u0001", 1<<17), strings.Repeat(" ", 4096)),
		"int":   same("-9223372036854775808", "-9223372036854775807", "-9007199254740993", "-1", "0", "1", "9007199254740993", "9223372036854775807"),
		"float": {{"-1.7976931348623157e308", "-1.7976931348623157e+308"}, {"-5e-324", "-5e-324"}, {"-0.0", "0"}, {"5e-324", "5e-324"}, {"2.2250738585072014E-308", "2.2250738585072014e-308"}, {"0.1", "0.1"}, {"0.30000000000000004", "0.30000000000000004"}, {"1e21", "1e+21"}, {"1.7976931348623157e308", "1.7976931348623157e+308"}},
		"d30": {{`"-` + nines20 + `.9999999999"`, `"-` + nines20 + `.9999999999"`}, {`"-0.0000000001"`, `"-0.0000000001"`}, {`"-0"`, `"0.0000000000"`}, {`"0.0000000001"`, `"0.0000000001"`},
			{`"00123456789012345678.0123456789000"`, `"123456789012345678.0123456789"`}, {`"12345678901234567890.0123456789"`, `"12345678901234567890.0123456789"`}, {`"` + nines20 + `.9999999999"`, `"` + nines20 + `.9999999999"`}},
		"whole": {{`"-` + nines34 + `"`, `"-` + nines34 + `"`}, {`"-1"`, `"-1"`}, {`"0.000"`, `"0"`}, {`"9007199254740993"`, `"9007199254740993"`}, {`"` + nines34 + `"`, `"` + nines34 + `"`}},
		"part":  same(`"-0.`+nines34+`"`, `"0.`+strings.Repeat("0", 33)+`1"`, `"0.`+nines34+`"`),
		"yes":   same("false", "true"),
		"at": {{`"1000-01-01T01:00:00+01:00"`, `"1000-01-01T00:00:00.000000Z"`}, {`"1000-01-01T00:00:00.000001Z"`, `"1000-01-01T00:00:00.000001Z"`}, {`"1969-12-31T23:59:59.999999Z"`, `"1969-12-31T23:59:59.999999Z"`},
			{`"1970-01-01T00:00:00Z"`, `"1970-01-01T00:00:00.000000Z"`}, {`"2024-02-29T12:00:00.123456-11:30"`, `"2024-02-29T23:30:00.123456Z"`}, {`"2038-01-19T03:14:08.1Z"`, `"2038-01-19T03:14:08.100000Z"`}, {`"9999-12-31T23:59:59.999999Z"`, `"9999-12-31T23:59:59.999999Z"`}},
		"day":   same(`"1000-01-01"`, `"1582-10-10"`, `"1900-02-28"`, `"1969-12-31"`, `"2000-02-29"`, `"9999-12-31"`),
		"guid":  {{`"00000000-0000-0000-0000-000000000000"`, `"00000000-0000-0000-0000-000000000000"`}, {`"80000000-0000-4000-8000-00000000000A"`, `"80000000-0000-4000-8000-00000000000a"`}, {`"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"`, `"ffffffff-ffff-ffff-ffff-ffffffffffff"`}},
		"kind":  texts("\"", "$x", "'", "*/", "--", strings.Repeat("0123456789", 6)+"0123", "B", "\\", "`", "a", "a b", "x.y", "ä", "😀"),
		"bytes": same(`""`, `"AA=="`, base64Of(allBytes()), base64Of(bytes.Repeat(allBytes()[:256], 4096))),
		"free": {{`{}`, `{}`}, {`{ "z" : [ ] , "a" : { } }`, `{"z":[],"a":{}}`}, {`{"n":null,"e":"","😀":"\u0001\u202e","-":1.0,"big":-9223372036854775808,"f":1e-7}`, `{"n":null,"e":"","😀":"\u0001` + "\u202e" + `","-":1,"big":-9223372036854775808,"f":1e-07}`},
			{nested(freeDepth, "1"), nested(freeDepth, "1")}, {`{"a":[[],[[1,"x"],[{}]]]}`, `{"a":[[],[[1,"x"],[{}]]]}`}, {`{"_id":1,"_json":"x"}`, `{"_id":1,"_json":"x"}`}},
		"names":  append(texts2("", "😀", "a\u0001"), same("[]", list(1000, `"`+strings.Repeat("\u05d0", 100)+`"`))...),
		"ints":   same("[]", "[-9223372036854775808]", "[9223372036854775807,-9223372036854775808,0]"),
		"floats": {{"[5e-324,-1.7976931348623157e308,-0]", "[5e-324,-1.7976931348623157e+308,0]"}},
		"sums":   {{`["` + nines20 + `.9999999999","-0","1"]`, `["` + nines20 + `.9999999999","0.0000000000","1.0000000000"]`}},
		"flags":  same("[true,false,true]"),
		"times":  {{`["1000-01-01T00:00:00Z","9999-12-31T23:59:59.999999Z"]`, `["1000-01-01T00:00:00.000000Z","9999-12-31T23:59:59.999999Z"]`}},
		"days":   same(`["1000-01-01","9999-12-31"]`),
		"guids":  same(`["00000000-0000-0000-0000-000000000000","ffffffff-ffff-ffff-ffff-ffffffffffff"]`),
		"kinds":  same(`["😀","x","😀"]`),
		"shape": {{`{}`, `{}`}, {`{"sum":"-` + nines20 + `.9","int":-9223372036854775808,"at":"1969-12-31T23:59:59.999999Z","names":[],"bytes":null}`, `{"at":"1969-12-31T23:59:59.999999Z","int":-9223372036854775808,"names":[],"sum":"-` + nines20 + `.9000000000"}`},
			{`{"bytes":` + base64Of(allBytes()) + `,"deep":{"free":{"d":{"d":1}},"deep":{"d":{"d":{"d":{"last":"` + strings.Repeat("😀", 700) + `"}}}}}}`, `{"bytes":` + base64Of(allBytes()) + `,"deep":{"deep":{"d":{"d":{"d":{"last":"` + strings.Repeat("😀", 700) + `"}}}},"free":{"d":{"d":1}}}}`}},
	}
}

// texts2 are one-element arrays of strings.
func texts2(values ...string) []edge {
	edges := texts(values...)
	for i := range edges {
		edges[i] = edge{"[" + edges[i].in + "]", "[" + edges[i].out + "]"}
	}
	return edges
}

// beyond lists values just past an edge, and the code of the refusal.
func beyond() map[string]map[string]envelope.Code {
	bad, typ, big := envelope.BadValue, envelope.BadType, envelope.TooLarge
	return map[string]map[string]envelope.Code{
		"one":   {`"ab"`: bad, `"e\u0301"`: bad, `"\u0000"`: bad, `"\ud800"`: envelope.Malformed},
		"name":  {`"` + strings.Repeat("😀", 701) + `"`: bad},
		"text":  {`"` + strings.Repeat("x", 1<<20+1) + `"`: bad, `"` + strings.Repeat("x", 1<<20-1) + `é"`: bad},
		"int":   {"9223372036854775808": bad, "-9223372036854775809": bad, "1.0": typ, "1e3": typ, `"1"`: typ},
		"float": {"1e309": bad, "-1e309": bad, `"NaN"`: typ},
		"d30":   {`"1` + nines20 + `"`: bad, `"0.00000000001"`: bad, "1.5": typ, `"1e5"`: bad, `"+1"`: bad, `".5"`: bad, `""`: bad},
		"whole": {`"1` + nines34 + `"`: bad, `"0.1"`: bad},
		"part":  {`"1"`: bad, `"0.` + nines34 + `9"`: bad},
		"at":    {`"0999-12-31T23:59:59.999999Z"`: bad, `"1000-01-01T00:00:00+00:01"`: bad, `"9999-12-31T23:59:59.999999-00:01"`: bad, `"2026-01-01T00:00:00.1234567Z"`: bad, `"2016-12-31T23:59:60Z"`: bad, `"2026-01-01"`: bad, `"2026-01-01T00:00:00"`: bad},
		"day":   {`"0999-12-31"`: bad, `"10000-01-01"`: bad, `"1900-02-29"`: bad, `"2026-1-1"`: bad},
		"guid":  {`"{00000000-0000-0000-0000-000000000000}"`: bad, `"00000000000000000000000000000000"`: bad},
		"kind":  {`"A"`: envelope.BadEnum, `"a "`: envelope.BadEnum},
		"bytes": {`"A"`: bad, `"AA"`: bad, `"_w=="`: bad, `"AB=="`: bad, base64Of(make([]byte, 1<<20+1)): bad},
		"free":  {nested(freeDepth+1, "1"): big, `{"":1}`: bad, `{"$x":1}`: bad, `{"a.b":1}`: bad, `{"a\u0000":1}`: bad, `{"a":1,"a":2}`: envelope.Malformed, "[]": typ},
		"ints":  {"[1,2,3,4]": bad, "[null]": typ, "[1.5]": typ, "1": typ},
		"names": {list(1001, `"x"`): bad, `["` + strings.Repeat("x", 101) + `"]`: bad},
		"shape": {`{"no_such":1}`: bad, `{"deep":{"deep":{"d":{"d":{"d":{}}}}}}`: bad, `{"deep":{"free":` + nested(freeDepth-1, "1") + `}}`: big, `{"int":1,"int":2}`: envelope.Malformed},
	}
}

// TestEdgeValues sends the edge values of every type over AMQP to a node of somebody
// else's module, into both stores: each comes out as the table says, alone and from an
// update, sorts where it belongs, and what lies past an edge is refused by its field.
func TestEdgeValues(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a module")
	}
	text, err := os.ReadFile("testdata/edge_rec.toml")
	if err != nil {
		t.Fatal(err)
	}
	fill := func(schema, class, tag string) string {
		return strings.NewReplacer("SCHEMA", schema, "CLASS", class, "TAG", tag).Replace(string(text))
	}
	out := newOutside(t, map[string]string{"widest": fill("rel", "Widest", "wid"), "document": fill("rec", "Document", "doc")})
	out.start(t)
	c := out.dial(t)
	for family, template := range map[string]string{"rel": "widest", "rec": "document"} {
		t.Run(template, func(t *testing.T) {
			d := plain{c, runtime.Family(family), template}
			for field, edges := range edgesOf() {
				t.Run(field, func(t *testing.T) { d.edges(t, field, edges) })
			}
			for field, values := range beyond() {
				t.Run("beyond "+field, func(t *testing.T) { d.beyond(t, field, values) })
			}
		})
	}
}

// A plain client is one template as a client sees it that has no generated code.
type plain struct {
	c        *client.Client
	family   runtime.Family
	template string
}

func (d plain) call(t *testing.T, op, data string, o envelope.Options) (*envelope.Reply, error) {
	t.Helper()
	return d.c.Call(startContext(t), &envelope.Request{Template: d.template, Op: op, DeadlineMS: 20_000, Data: jsontext.Value(data), Options: o}, d.family)
}

func (d plain) must(t *testing.T, op, data string, o envelope.Options) *envelope.Reply {
	t.Helper()
	reply, err := d.call(t, op, data, o)
	if err != nil {
		t.Fatalf("%s %.200s: %v", op, data, err)
	}
	return reply
}

// edges writes a record for each value and one that gets all of them by updates.
func (d plain) edges(t *testing.T, field string, edges []edge) {
	changing := member(t, d.must(t, envelope.OpWrite, `{}`, envelope.Options{}).Data[0], "id")
	ids := make([]string, len(edges))
	for i, e := range edges {
		ids[i] = member(t, d.must(t, envelope.OpWrite, fmt.Sprintf(`{%q:%s}`, field, e.in), envelope.Options{}).Data[0], "id")
		d.must(t, envelope.OpUpdate, fmt.Sprintf(`{"id":%s,"revision":%d,%q:%s}`, changing, i+1, field, e.in), envelope.Options{})
		for _, id := range []string{ids[i], changing} {
			reply := d.must(t, envelope.OpFetch, `{"id":`+id+`}`, envelope.Options{})
			if got := member(t, reply.Data[0], field); got != e.out {
				t.Errorf("%.200s came out as %.200s, want %.200s", e.in, got, e.out)
			}
		}
	}
	d.must(t, envelope.OpDelete, fmt.Sprintf(`{"id":%s,"revision":%d}`, changing, len(edges)+1), envelope.Options{})
	if slices.Contains([]string{"one", "name", "int", "float", "d30", "whole", "part", "at", "day", "guid", "kind"}, field) {
		d.inOrder(t, field, edges, ids)
	}
	for _, id := range ids { // so that the next field's pages are short
		d.must(t, envelope.OpDelete, fmt.Sprintf(`{"id":%s,"revision":1}`, id), envelope.Options{})
	}
}

// inOrder finds each value by equality, and all of them in their order by a range.
func (d plain) inOrder(t *testing.T, field string, edges []edge, ids []string) {
	for i, e := range edges {
		reply := d.must(t, envelope.OpFetch, fmt.Sprintf(`{%q:%s}`, field, e.in), envelope.Options{})
		if len(reply.Data) != 1 || member(t, reply.Data[0], "id") != ids[i] {
			t.Errorf("equality with %.200s finds %d records", e.in, len(reply.Data))
		}
	}
	var got []string
	o := envelope.Options{Limit: 3, Sort: []string{field}}
	operator := ""
	if field != "kind" {
		operator = fmt.Sprintf(`%q:{"gte":%s}`, field, edges[0].in)
	}
	for {
		reply := d.must(t, envelope.OpFetch, `{`+operator+`}`, o)
		for _, record := range reply.Data {
			if v := member(t, record, field); v != "null" {
				got = append(got, v)
			}
		}
		if o.Cursor = reply.Cursor; o.Cursor == "" {
			break
		}
	}
	want := make([]string, len(edges))
	for i, e := range edges {
		want[i] = e.out
	}
	if !slices.Equal(got, want) {
		t.Errorf("sorted by %s:\n%.1000q\nwant\n%.1000q", field, got, want)
	}
}

// beyond expects a refusal that names the field, and no record.
func (d plain) beyond(t *testing.T, field string, values map[string]envelope.Code) {
	before := d.must(t, envelope.OpCount, `{}`, envelope.Options{}).Count
	for value, code := range values {
		reply, err := d.raw(t, fmt.Sprintf(`{%q:%s}`, field, value))
		switch {
		case err != nil:
			t.Errorf("%.100s: %v", value, err)
		case reply.Error == nil:
			t.Errorf("%.100s was taken", value)
		case reply.Error.Code == code && (code == envelope.Malformed || code == envelope.TooLarge):
		case len(reply.Error.Details) != 1 || reply.Error.Details[0].Code != code || !strings.HasPrefix(reply.Error.Details[0].Field, field):
			t.Errorf("%.100s: %+v, want %s of %s", value, reply.Error, code, field)
		}
	}
	if after := d.must(t, envelope.OpCount, `{}`, envelope.Options{}).Count; after != before {
		t.Errorf("%d records came of refused writes", after-before)
	}
}

// raw sends a body that the client's own encoder would refuse.
func (d plain) raw(t *testing.T, data string) (*envelope.Reply, error) {
	body := fmt.Sprintf(`{"v":1,"template":%q,"op":"write","data":%s}`, d.template, data)
	answer, err := d.c.Roundtrip(startContext(t), string(d.family)+".write."+d.template, client.Publishing{Type: "write", MessageID: scratch(), Body: []byte(body)})
	if err != nil {
		return nil, err
	}
	return envelope.DecodeReply(answer)
}

// member is a member's value as it stands on the wire.
func member(t *testing.T, record jsontext.Value, name string) string {
	t.Helper()
	var members map[string]jsontext.Value
	if err := json.Unmarshal(record, &members); err != nil {
		t.Fatal(err)
	}
	v, ok := members[name]
	if !ok {
		t.Fatalf("no member %q in %.300s", name, record)
	}
	return string(v)
}
