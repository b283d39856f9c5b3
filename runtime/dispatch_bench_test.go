package runtime

import (
	"context"
	"testing"

	"github.com/beds-project/beds/runtime/envelope"
)

// stub answers every read with one record, so that what is measured is ours.
type stub struct {
	Store
	row Row
}

func (s *stub) Get(context.Context, *Template, []GUID) ([]Row, error) { return []Row{s.row}, nil }

func (s *stub) Insert(_ context.Context, _ *Template, items []Insert, _ bool) ([]Outcome, error) {
	out := make([]Outcome, len(items))
	for i := range items {
		out[i] = Outcome{ID: GUIDOf(items[i].Row[FieldID]), Revision: 1, Created: 1, Updated: 1}
	}
	return out, nil
}

func benchFactory(b testing.TB) *Factory {
	tmpl := person(b)
	row := make(Row, len(tmpl.Fields))
	for i := range row {
		row[i] = NullValue()
	}
	row[FieldID], row[FieldCreated], row[FieldUpdated], row[FieldRevision] = GUID{1}.Value(), IntValue(1), IntValue(1), IntValue(1)
	row[6], row[7] = StrValue("Ulm"), StrValue("ada@example.com")
	f, err := NewFactory(FactoryConfig{Store: func(*Template) (Store, error) { return &stub{row: row}, nil }},
		[]Registration{{Template: tmpl, New: func(s Store) NamasteCore { c := NewCore(tmpl, s); return &c }}})
	if err != nil {
		b.Fatal(err)
	}
	return f
}

const (
	readBody  = `{"v":1,"template":"person","op":"fetch","event_id":"01890000-0000-7000-8000-000000000000","data":{"id":"01890000-0000-7000-8000-000000000000"}}`
	writeBody = `{"v":1,"template":"person","op":"write","event_id":"01890000-0000-7000-8000-000000000000","key":"k","data":{"email":"ada@example.com","age":36,"city":"London","state":"old"}}`
)

// answer is a request from bytes to bytes, as a node runs it.
func answer(f *Factory, dst, body []byte) []byte {
	req, err := envelope.Decode(body, envelope.DefaultLimits)
	if err != nil {
		panic(err)
	}
	res := f.Dispatch(context.Background(), &Request{Request: req})
	if res.Err != nil {
		panic(res.Err)
	}
	return envelope.AppendReply(dst[:0], req, &res, "node", 1)
}

func BenchmarkDispatch(b *testing.B) {
	f := benchFactory(b)
	for name, body := range map[string]string{"read": readBody, "write": writeBody} {
		b.Run(name, func(b *testing.B) {
			dst := make([]byte, 0, 4096)
			b.ReportAllocs()
			for b.Loop() {
				dst = answer(f, dst, []byte(body))
			}
		})
	}
}
