package main

// The conformance suite: every template, against every store, with an independent
// model in memory that says what each reply must be. What one store answers, the
// other must answer too.

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/go-json-experiment/json/jsontext"
)

func TestConformance(t *testing.T) {
	for _, store := range openStores(t) {
		t.Run(store.Name(), func(t *testing.T) {
			for _, r := range generated.Registrations() {
				t.Run(r.Template.Name, func(t *testing.T) {
					newSubject(t, store, r).run()
				})
			}
		})
	}
}

// A subject is one template in one store, with what the model knows of it.
type subject struct {
	t       *testing.T
	tmpl    *runtime.Template
	factory *runtime.Factory
	rng     *rand.Rand
	// rows are the live records as the model expects them, in the order of writing.
	rows []runtime.Row
	made int
}

func newSubject(t *testing.T, store runtime.Store, r runtime.Registration) *subject {
	f, err := runtime.NewFactory(runtime.FactoryConfig{
		Store: func(*runtime.Template) (runtime.Store, error) { return store, nil },
	}, []runtime.Registration{r})
	if err != nil {
		t.Fatal(err)
	}
	// The seed is the same for every store, so that both are asked the same.
	return &subject{t: t, tmpl: r.Template, factory: f, rng: rand.New(rand.NewPCG(7, uint64(len(r.Template.Name))))}
}

func (s *subject) run() {
	const records = 40
	for range records {
		s.write()
	}
	s.t.Run("fetch by id", s.fetchByID)
	s.t.Run("indexes", s.indexes)
	s.t.Run("queries", s.queries)
	s.t.Run("projection", s.projection)
	s.t.Run("refusals", s.refusals)
	s.t.Run("unique", s.unique)
	s.t.Run("idempotency", s.idempotency)
	s.t.Run("update", s.update)
	s.t.Run("delete", s.delete)
	s.t.Run("batch", s.batch)
}

// do sends one request; data and options are JSON.
func (s *subject) do(op, data, options string) envelope.Result {
	return s.doKey(op, data, options, runtime.GUID(lineage.NewV7()).String())
}

func (s *subject) doKey(op, data, options, key string) envelope.Result {
	body := fmt.Sprintf(`{"v":1,"template":%q,"op":%q,"event_id":%q,"key":%q`, s.tmpl.Name, op, runtime.GUID(lineage.NewV7()), key)
	if data != "" {
		member := "data"
		if op == envelope.OpBatch {
			member = "ops"
		}
		body += fmt.Sprintf(`,%q:%s`, member, data)
	}
	if options != "" {
		body += `,"options":` + options
	}
	req, err := envelope.Decode([]byte(body+"}"), envelope.DefaultLimits)
	if err != nil {
		return envelope.Result{Err: err}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	return s.factory.Dispatch(ctx, &runtime.Request{Request: req, Internal: true})
}

func (s *subject) must(op, data, options string) envelope.Result {
	s.t.Helper()
	res := s.do(op, data, options)
	if res.Err != nil {
		s.t.Fatalf("%s %s %s: %v", op, data, options, res.Err)
	}
	return res
}

func (s *subject) refuse(t *testing.T, code envelope.Code, op, data, options string) {
	t.Helper()
	res := s.do(op, data, options)
	switch {
	case res.Err == nil:
		t.Errorf("%s %s %s: succeeded with %s, want %s", op, data, options, res.Data, code)
	case res.Err.Code != code && !(res.Err.Code == envelope.Invalid && hasDetail(res.Err, code)):
		t.Errorf("%s %s %s: %v, want %s", op, data, options, res.Err, code)
	}
}

func hasDetail(err *envelope.Error, code envelope.Code) bool {
	return slices.ContainsFunc(err.Details, func(d envelope.Detail) bool { return d.Code == code })
}

// records reads the rows of a result.
func (s *subject) records(res envelope.Result) []runtime.Row {
	s.t.Helper()
	dec := jsontext.NewDecoder(bytes.NewReader([]byte("[" + string(res.Data) + "]")))
	if _, err := dec.ReadToken(); err != nil {
		s.t.Fatal(err)
	}
	var rows []runtime.Row
	for dec.PeekKind() != ']' {
		v, err := dec.ReadValue()
		if err != nil {
			s.t.Fatalf("%v in %s", err, res.Data)
		}
		row, err := runtime.DecodeRow(s.tmpl, v)
		if err != nil {
			s.t.Fatalf("%v in %s", err, v)
		}
		rows = append(rows, row)
	}
	return rows
}

// declared is the position of the first declared field.
func (s *subject) declared() int {
	if s.tmpl.SoftDeletes() {
		return runtime.FieldDeleted + 1
	}
	return runtime.FieldDeleted
}

// write stores a record of random values and tells the model.
func (s *subject) write() runtime.Row {
	s.t.Helper()
	row := s.random()
	res := s.must(envelope.OpWrite, s.data(row), "")
	stored := s.records(res)[0]
	if runtime.GUIDOf(stored[runtime.FieldID]) == (runtime.GUID{}) || stored[runtime.FieldRevision].Int != 1 {
		s.t.Fatalf("write answered %s", res.Data)
	}
	copy(row, stored[:runtime.FieldDeleted])
	if s.tmpl.SoftDeletes() {
		row[runtime.FieldDeleted] = runtime.NullValue()
	}
	s.rows = append(s.rows, row)
	return row
}

// data is a row's JSON as a client writes it: no system and no protected fields,
// and what is Missing left out.
func (s *subject) data(row runtime.Row) string {
	b := []byte{'{'}
	for i := s.declared(); i < len(row); i++ {
		f := &s.tmpl.Fields[i]
		if f.Protected || row[i].State == runtime.Missing {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, f.Public), ':')
		b = runtime.AppendValue(b, &f.Type, row[i])
	}
	return string(append(b, '}'))
}

// random makes a record: edge values often, nulls and defaults sometimes, unique
// fields unique.
func (s *subject) random() runtime.Row {
	row := make(runtime.Row, len(s.tmpl.Fields))
	s.made++
	for i := s.declared(); i < len(row); i++ {
		f := &s.tmpl.Fields[i]
		switch {
		case f.Protected && f.HasDefault:
			row[i] = runtime.MustParse(&f.Type, f.Default)
		case f.Protected:
			row[i] = runtime.NullValue()
		case s.inUnique(i):
			row[i] = s.uniqueValue(&f.Type)
		case !f.Required && s.rng.IntN(4) == 0:
			row[i] = runtime.NullValue()
		default:
			row[i] = s.value(&f.Type)
		}
	}
	return row
}

func (s *subject) inUnique(field int) bool {
	return slices.ContainsFunc(s.tmpl.Indexes, func(ix runtime.Index) bool {
		return ix.Unique && slices.ContainsFunc(ix.Keys, func(k runtime.Key) bool { return k.Field == field })
	})
}

func (s *subject) uniqueValue(typ *runtime.Type) runtime.Value {
	switch typ.Kind {
	case runtime.String:
		if typ.Max < 6 { // part of a compound index whose other field is unique
			return s.value(typ)
		}
		return runtime.StrValue(strconv.Itoa(s.made) + "é")
	case runtime.GUIDKind:
		return runtime.GUID(lineage.NewV7()).Value()
	case runtime.Integer, runtime.Timestamp:
		return runtime.IntValue(int64(s.made))
	}
	return s.value(typ)
}

// value draws a value of a type, one time in two an edge.
func (s *subject) value(typ *runtime.Type) runtime.Value {
	edges := s.edges(typ)
	if len(edges) > 0 && s.rng.IntN(2) == 0 {
		return runtime.MustParse(typ, edges[s.rng.IntN(len(edges))])
	}
	return runtime.MustParse(typ, s.plain(typ))
}

func (s *subject) edges(typ *runtime.Type) []string {
	switch typ.Kind {
	case runtime.Integer:
		return []string{"-9223372036854775808", "9223372036854775807", "0", "-1", "9007199254740993"}
	case runtime.Float:
		return []string{"0", "-1.5", "1.7976931348623157e308", "5e-324", "0.1", "1e21", "123456789.123456789"}
	case runtime.Decimal:
		nines := strings.Repeat("9", typ.Precision-typ.Scale)
		if nines == "" {
			nines = "0"
		}
		if typ.Scale > 0 {
			nines += "." + strings.Repeat("9", typ.Scale)
		}
		return []string{nines, "-" + nines, "0"}
	case runtime.Timestamp:
		return []string{"1969-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000000Z", "1000-01-01T00:00:00.000001Z", "9999-12-31T23:59:59.999999Z"}
	case runtime.Date:
		return []string{"1969-12-31", "1000-01-01", "9999-12-31", "2024-02-29"}
	case runtime.String:
		return s.fitting(typ.Max, "", "a ", "a", "A", "ä", "😀", `'";--\`, "$where", "a.b", "line\nbreak", strings.Repeat("é", typ.Max))
	case runtime.Text:
		return []string{"", "😀𝕏", `back\slash 'quote' "double" ` + "`tick` */ -- \r\n\t", strings.Repeat("x", min(typ.Max, 1<<20))}
	case runtime.Binary:
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		return []string{"", base64.StdEncoding.EncodeToString(all[:min(len(all), typ.Max)])}
	case runtime.Array:
		return []string{"[]"}
	case runtime.Object:
		if len(typ.Fields) == 0 {
			return []string{"{}", `{"z":1,"a":[true,null,-0.5,{"deep":"😀"}],"n":9223372036854775807,"e":""}`}
		}
	}
	return nil
}

func (s *subject) fitting(max int, list ...string) []string {
	return slices.DeleteFunc(list, func(v string) bool { return len([]rune(v)) > max })
}

func (s *subject) plain(typ *runtime.Type) string {
	switch typ.Kind {
	case runtime.Integer:
		return strconv.Itoa(s.rng.IntN(20))
	case runtime.Float:
		return strconv.FormatFloat(s.rng.NormFloat64()*100, 'g', -1, 64)
	case runtime.Decimal:
		if typ.Precision > typ.Scale {
			return strconv.Itoa(s.rng.IntN(10))
		}
		return "0"
	case runtime.Boolean:
		return strconv.FormatBool(s.rng.IntN(2) == 0)
	case runtime.Timestamp:
		return time.UnixMicro(s.rng.Int64N(1 << 50)).UTC().Format("2006-01-02T15:04:05.000000Z")
	case runtime.Date:
		return time.Unix(s.rng.Int64N(1<<31), 0).UTC().Format(time.DateOnly)
	case runtime.GUIDKind:
		var g runtime.GUID
		for i := range g {
			g[i] = byte(s.rng.Uint32())
		}
		return g.String()
	case runtime.Enum:
		return typ.Values[s.rng.IntN(len(typ.Values))]
	case runtime.Binary:
		return base64.StdEncoding.EncodeToString([]byte{byte(s.rng.Uint32()), 0}[:min(2, typ.Max)])
	case runtime.Array:
		var b []byte
		for i := range s.rng.IntN(3) + 1 {
			if i > 0 {
				b = append(b, ',')
			}
			b = runtime.AppendValue(b, typ.Elem, s.value(typ.Elem))
		}
		return "[" + string(b) + "]"
	case runtime.Object:
		return s.plainObject(typ)
	}
	return string([]rune(strconv.Itoa(s.rng.IntN(10)) + "text")[:min(typ.Max, 4)])
}

func (s *subject) plainObject(typ *runtime.Type) string {
	b := []byte{'{'}
	for i := range typ.Fields {
		f := &typ.Fields[i]
		if !f.Required && s.rng.IntN(2) == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(strconv.AppendQuote(b, f.Name), ':')
		b = runtime.AppendValue(b, &f.Type, s.value(&f.Type))
	}
	return string(append(b, '}'))
}

// same compares a record with what the model expects, field by field.
func (s *subject) same(t *testing.T, got, want runtime.Row) {
	t.Helper()
	for i := range want {
		f := &s.tmpl.Fields[i]
		g, w := string(runtime.AppendValue(nil, &f.Type, got[i])), string(runtime.AppendValue(nil, &f.Type, want[i]))
		if f.Secret {
			w = "null"
			if got[i].State != runtime.Missing {
				t.Errorf("secret field %s came back", f.Public)
			}
		}
		if g != w {
			t.Errorf("field %s: got %.200s, want %.200s", f.Public, g, w)
		}
	}
}

func (s *subject) fetchByID(t *testing.T) {
	for _, want := range s.rows {
		res := s.must(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, runtime.GUIDOf(want[0])), "")
		got := s.records(res)
		if len(got) != 1 {
			t.Fatalf("%d records for one id", len(got))
		}
		s.same(t, got[0], want)
	}
	ids := fmt.Sprintf(`{"id":[%q,%q,%q,%q]}`, runtime.GUIDOf(s.rows[3][0]), runtime.GUIDOf(s.rows[1][0]), runtime.GUID{}, runtime.GUIDOf(s.rows[3][0]))
	got := s.records(s.must(envelope.OpFetch, ids, ""))
	if len(got) != 2 || got[0][0].Str != s.rows[3][0].Str || got[1][0].Str != s.rows[1][0].Str {
		t.Errorf("a list of ids gave %d records, want the two that exist in the order asked for", len(got))
	}
	if res := s.must(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, runtime.GUID{}), ""); res.Count != 0 {
		t.Errorf("an absent id gave %d records", res.Count)
	}
}
