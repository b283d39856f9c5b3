package node

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/group"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/pool"
)

// memory answers from one record, so that what is measured is the node's own.
type memory struct {
	runtime.Store
	row runtime.Row
}

func (m *memory) Get(context.Context, *runtime.Template, []runtime.GUID) ([]runtime.Row, error) {
	return []runtime.Row{m.row}, nil
}

func (m *memory) Insert(_ context.Context, _ *runtime.Template, items []runtime.Insert, _ bool) ([]runtime.Outcome, error) {
	out := make([]runtime.Outcome, len(items))
	for i := range items {
		out[i] = runtime.Outcome{ID: runtime.GUIDOf(items[i].Row[runtime.FieldID]), Revision: 1, Created: 1, Updated: 1}
	}
	return out, nil
}

// shopOrder is a domain of the usual size.
func shopOrder() *runtime.Template {
	field := func(name string, k runtime.Kind) runtime.Field {
		return runtime.Field{Name: name + "_ord", Public: name, Type: runtime.Type{Kind: k, Max: 64, Precision: 12, Scale: 2}}
	}
	system := func(name string, k runtime.Kind) runtime.Field {
		return runtime.Field{Name: name, Public: name, Type: runtime.Type{Kind: k}, Required: true, Protected: true}
	}
	return &runtime.Template{
		Name: "order", Collection: "tsOrder", Family: runtime.Rel, Version: 1, Fingerprint: "0123456789abcdef",
		Behaviour: runtime.Behaviour{Updates: true, Deletes: runtime.DeletesHard, MaxBatch: 10, MaxLimit: 100},
		Fields: []runtime.Field{
			system("id", runtime.GUIDKind), system("created", runtime.Timestamp), system("updated", runtime.Timestamp), system("revision", runtime.Integer),
			field("currency", runtime.String), field("customer", runtime.GUIDKind), field("number", runtime.String),
			field("paid_at", runtime.Timestamp), field("placed", runtime.Date), field("tax", runtime.Decimal), field("total", runtime.Decimal),
		},
		Indexes: []runtime.Index{{Name: "id", Keys: []runtime.Key{{Field: 0}}, Unique: true}},
	}
}

// benchHandler is a handler as startBrokers makes it, over the grouping and a store in memory.
func benchHandler(tb testing.TB, kind string) *handler {
	tmpl := shopOrder()
	row := runtime.Row{
		runtime.GUID{1}.Value(), runtime.IntValue(1_790_000_000_000_000), runtime.IntValue(1_790_000_000_000_000), runtime.IntValue(1),
		runtime.StrValue("EUR"), runtime.GUID{2}.Value(), runtime.StrValue("S-2026-000123"), runtime.IntValue(1_790_000_000_000_000),
		runtime.StrValue("2026-11-24"), runtime.StrValue("19.95"), runtime.StrValue("199.95"),
	}
	store := group.New(&memory{row: row}, group.Config{})
	f, err := runtime.NewFactory(runtime.FactoryConfig{Store: func(*runtime.Template) (runtime.Store, error) { return store, nil }},
		[]runtime.Registration{{Template: tmpl, New: func(s runtime.Store) runtime.NamasteCore { c := runtime.NewCore(tmpl, s); return &c }}})
	if err != nil {
		tb.Fatal(err)
	}
	source, err := lineage.NewSource("ts", "dev")
	if err != nil {
		tb.Fatal(err)
	}
	return &handler{factory: f, limits: envelope.DefaultLimits, node: "bench", source: source, kind: kind,
		log: slog.New(slog.NewTextHandler(io.Discard, nil)), deadlines: deadlines{5 * time.Second, 30 * time.Second}}
}

const (
	fetchBody = `{"v":1,"template":"order","op":"fetch","data":{"id":"01890000-0000-7000-8000-000000000000"}}`
	writeBody = `{"v":1,"template":"order","op":"write","key":"shop-000123","data":{"currency":"EUR","customer":"01890000-0000-7000-8000-000000000001",` +
		`"number":"S-2026-000123","placed":"2026-11-24","tax":"19.95","total":"199.95"}}`
)

// serves returns a function that answers one request, from the delivery to the reply.
func serves(tb testing.TB, kind, body string) func() {
	h := benchHandler(tb, kind)
	ctx, cancel := context.WithCancel(context.Background())
	tb.Cleanup(cancel)
	d := &pool.Delivery{Body: []byte(body), Size: len(body), ReplyTo: "amq.rabbitmq.reply-to.x", RoutingKey: "rel.read.order"}
	return func() {
		if res := h.serve(ctx, d); len(res.Reply) == 0 || res.Verdict != pool.Ack || res.Code != "" {
			tb.Fatalf("%s: %s %s", res.Code, res.Reason, res.Reply)
		}
	}
}

// BenchmarkServe is the node's own part of a request: all but RabbitMQ and the database.
//
//	go test -run '^$' -bench Serve -count 6 ./runtime/node
func BenchmarkServe(b *testing.B) {
	for _, c := range []struct{ name, kind, body string }{{"fetch", "read", fetchBody}, {"write", "write", writeBody}} {
		b.Run(c.name, func(b *testing.B) {
			serve := serves(b, c.kind, c.body)
			b.ReportAllocs()
			for b.Loop() {
				serve()
			}
		})
	}
}
