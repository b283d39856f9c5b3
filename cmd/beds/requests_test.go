package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/generated/example"
	"github.com/beds-project/beds/generated/order"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/record"
	"github.com/go-json-experiment/json"
)

// TestNode runs one node and asks it everything over AMQP.
func TestNode(t *testing.T) {
	in := newInstallation(t, "")
	console := in.start(t)
	t.Run("typed clients", in.typedClients)
	t.Run("bad requests", in.badRequests)
	t.Run("nobody waits", in.nobodyWaits)
	t.Run("tickets", in.tickets)
	t.Run("command line", in.commandLine)
	t.Run("logs", in.logs)
	t.Run("operator's endpoints", func(t *testing.T) { endpoints(t, console.String()) })
	for _, secret := range []string{testPassword, "canary-secret"} {
		if strings.Contains(console.String(), secret) {
			t.Errorf("the log holds the secret %q", secret)
		}
	}
}

func (in *installation) typedClients(t *testing.T) {
	ctx := startContext(t)
	c := in.dial(t)
	people, orders := example.NewClient(c), order.NewClient(c)
	p, err := people.Write(ctx, example.Record{Name: "Ada", Email: "ada@example.com", PasswordHash: record.Some("canary-secret"),
		Weights: record.Some([]record.Decimal{"1.500"}), LastSeen: record.Some(time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)),
		Address: record.Some(example.AddressObject{Street: "s", City: "c"})})
	if err != nil {
		t.Fatal(err)
	}
	ada, found, err := people.Get(ctx, p.ID)
	if err != nil || !found {
		t.Fatal(found, err)
	}
	if at, _ := record.Get(ada.LastSeen); at.Nanosecond() != 6000 || record.Or(ada.Country, "") != "DE" || !record.IsNull(ada.PasswordHash) ||
		record.Or(ada.Address, example.AddressObject{}).City != "c" || record.Or(ada.Weights, nil)[0] != "1.500" {
		t.Errorf("read back %+v", ada)
	}
	recs := make([]order.Record, 30)
	for i := range recs {
		recs[i] = order.Record{Number: fmt.Sprint("N", i), Customer: p.ID, Placed: record.Date{Year: 2026, Month: 1, Day: i + 1}, Total: "1.00"}
	}
	stored, errs, err := orders.WriteAll(ctx, recs)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	page, err := orders.Fetch(ctx, order.ByCustomerPlaced(p.ID, order.FieldPlaced.Gte(record.Date{Year: 2026, Month: 1, Day: 26})), client.Limit(3))
	if err != nil || len(page.Records) != 3 || page.Records[0].Number != "N29" || page.Cursor == "" {
		t.Fatalf("%+v %v", page, err)
	}
	rest, err := orders.Fetch(ctx, order.ByCustomerPlaced(p.ID, order.FieldPlaced.Gte(record.Date{Year: 2026, Month: 1, Day: 26})), client.Limit(3), client.After(page.Cursor))
	if err != nil || len(rest.Records) != 2 || rest.Cursor != "" {
		t.Fatalf("%+v %v", rest, err)
	}
	if _, err := orders.Update(ctx, stored[0].ID, 1, []client.Change{order.FieldStatus.To("paid"), order.FieldNote.ToNull()}); err != nil {
		t.Error(err)
	}
	if _, err := orders.Update(ctx, stored[0].ID, 1, []client.Change{order.FieldStatus.To("open")}); !errors.Is(err, &envelope.Error{Code: envelope.Stale}) {
		t.Errorf("stale update: %v", err)
	}
	open, err := orders.Query(ctx, order.QueryOpenByCustomer(p.ID), client.Limit(50))
	if err != nil || len(open.Records) != 30 {
		t.Errorf("%d open orders, %v", len(open.Records), err)
	}
	if n, err := orders.Count(ctx, order.ByStatusPlaced("paid")); n != 1 || err != nil {
		t.Errorf("%d paid, %v", n, err)
	}
	if err := orders.Delete(ctx, stored[1].ID, 1); err != nil {
		t.Error(err)
	}
}

// badRequests are those of the issue; each gets an answer that names the mistake.
func (in *installation) badRequests(t *testing.T) {
	const head = `{"v":1,"template":"order","op":`
	tests := []struct {
		name, key, typ, body string
		code                 envelope.Code
		says                 string // place and cure
	}{
		{"truncated JSON", "rel.read.order", "", head + `"fetch","data":{`, envelope.Malformed, `ends at offset 47 in the middle`},
		{"duplicate keys", "rel.write.order", "", head + `"write","event_id":"x","data":{"number":"1","number":"2"}}`, envelope.Malformed, `/data/number occurs twice`},
		{"wrong case", "rel.read.order", "", `{"v":1,"Template":"order","op":"fetch"}`, envelope.UnknownMember, `no member "Template"; names are case-sensitive`},
		{"unknown template", "rel.read.nothing", "", `{"v":1,"template":"nothing","op":"fetch"}`, envelope.UnknownTmpl, `no template "nothing"`},
		{"unknown operation", "rel.read.order", "", head + `"drop"}`, envelope.UnknownOp, `no operation "drop"; there are ping, fetch`},
		{"operation on the wrong queue", "rel.read.order", "", head + `"write","data":{}}`, envelope.UnknownOp, `write is not served from`},
		{"type differs from op", "rel.read.order", "count", head + `"fetch"}`, envelope.UnknownOp, `the AMQP type is "count", but op is "fetch"`},
		{"unknown field", "rel.read.order", "", head + `"fetch","data":{"no_such":1}}`, envelope.UnknownField, `no_such is not a field of order`},
		{"a field in another case", "rel.read.order", "", head + `"fetch","data":{"Number":"1"}}`, envelope.UnknownField, `names are case-sensitive: did you mean "number"?`},
		{"a slip of the hand", "rel.read.order", "", head + `"fetch","data":{"nubmer":"1"}}`, envelope.UnknownField, `did you mean "number"?`},
		{"unknown operator", "rel.read.order", "", head + `"fetch","data":{"number":{"$ne":null}}}`, envelope.BadOperator, `number has the unknown operator "$ne"; use eq,`},
		{"wrong type", "rel.read.order", "", head + `"fetch","data":{"number":17}}`, envelope.BadType, `number must be a string`},
		{"protected field", "rel.write.order", "", head + `"write","event_id":"x1","data":{"internal_score":1}}`, envelope.Protected, `is read-only for callers`},
		{"no access path", "rel.read.order", "", head + `"fetch","data":{"total":"1.00"}}`, envelope.NoAccessPath, `the access paths are id,`},
		{"depth 10,000", "rel.write.order", "", head + `"write","data":` + strings.Repeat(`{"a":`, 10_000) + `1` + strings.Repeat("}", 10_001), envelope.TooLarge, `more than 32 deep, at offset`},
		{"body of 20 MB", "rel.write.order", "", head + `"write","data":{"note":"` + strings.Repeat("x", 20<<20) + `"}}`, envelope.TooLarge, `this node takes at most 4194304`},
		{"batch over the limit", "rel.obj.order", "", head + `"batch","ops":[` + strings.Repeat(`{"op":"fetch","data":{}},`, 256) + `{"op":"fetch"}]}`, envelope.TooLarge, `more than 256 operations`},
		{"empty body", "rel.read.order", "", ``, envelope.Malformed, `the body is empty`},
		{"not UTF-8", "rel.read.order", "", "\xff\xfe", envelope.Malformed, `not JSON at offset 0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := in.raw(t, tt.key, amqp.Publishing{Type: tt.typ, MessageId: "bad-" + tt.name, Body: []byte(tt.body)})
			reply, err := envelope.DecodeReply([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			if reply.Error == nil || reply.Error.Code != tt.code && !strings.Contains(body, `"code":"`+string(tt.code)+`"`) {
				t.Errorf("answered %.400s, want %s", body, tt.code)
			}
			if !strings.Contains(fmt.Sprintf("%+v", reply.Error), tt.says) {
				t.Errorf("answered %+v, which does not say %q", reply.Error, tt.says)
			}
		})
	}
	t.Run("expired deadline", func(t *testing.T) {
		body := in.raw(t, "rel.read.order", amqp.Publishing{MessageId: "late", Expiration: "0", Body: []byte(head + `"fetch","data":{}}`)})
		if !strings.Contains(body, `"code":"deadline_passed"`) {
			t.Errorf("answered %s", body)
		}
	})
	t.Run("unroutable", func(t *testing.T) {
		_, err := in.dial(t).Roundtrip(startContext(t), "no.such.key", client.Publishing{Type: "fetch", MessageID: "m", Body: []byte("{}")})
		if !errors.Is(err, client.ErrNoRoute) {
			t.Errorf("got %v", err)
		}
	})
}

// nobodyWaits: without reply_to, a write takes effect, and what fails lies in a
// dead-letter queue with its reason.
func (in *installation) nobodyWaits(t *testing.T) {
	ctx := startContext(t)
	c := in.dial(t)
	send := func(key, id, body string) {
		t.Helper()
		if err := c.Publish(ctx, key, client.Publishing{MessageID: id, Body: []byte(body), Persistent: true}); err != nil {
			t.Fatal(err)
		}
	}
	send("rel.write.order", "silent-ok", `{"v":1,"template":"order","op":"write","data":{"number":"SILENT","customer":"01890000-0000-7000-8000-000000000000","placed":"2026-01-01","total":"1.00"}}`)
	send("rel.write.order", "silent-bad", `{"v":1,"template":"order","op":"write","data":{"nubmer":1}}`)
	send("rel.read.order", "silent-read", `{"v":1,"template":"order","op":"fetch","data":{}}`)
	orders := order.NewClient(c)
	eventually(t, "the silent write", func() bool {
		p, err := orders.Fetch(ctx, order.ByNumber("SILENT"))
		return err == nil && len(p.Records) == 1
	})
	for queue, want := range map[string]string{"rel.write": "silent-bad", "rel.read": "silent-read"} {
		eventually(t, want+" in the dead-letter queue", func() bool {
			_, out, _ := in.beds("", "dlq", "list", queue)
			return strings.Contains(out, want)
		})
	}
	code, out, errs := in.beds("", "dlq", "show", "rel.write", "silent-bad")
	if code != 0 || !strings.Contains(out, "invalid") || !strings.Contains(out, "nubmer") {
		t.Errorf("dlq show: %d %s %s", code, out, errs)
	}
	if code, _, _ := in.beds("", "dlq", "purge", "rel.write"); code != 2 {
		t.Errorf("a purge without a selection exits with %d, want 2", code)
	}
	if code, out, errs := in.beds("", "dlq", "purge", "rel.write", "-id", "silent-bad"); code != 0 || !strings.Contains(out, "1 dead letters") {
		t.Errorf("dlq purge: %d %s %s", code, out, errs)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come about within 20 s", what)
		}
	}
}

func (in *installation) commandLine(t *testing.T) {
	tests := []struct {
		name  string
		args  []string
		stdin string
		code  int
		want  string
	}{
		{"ping", []string{"ping"}, "", 0, "pong from node"},
		{"ping a template", []string{"ping", "order"}, "", 0, "pong from node"},
		{"check", []string{"check"}, "", 0, "procedures of all templates are installed"},
		{"call", []string{"call", "order", "count", "{}"}, "", 0, `"status": "ok"`},
		{"call raw", []string{"call", "-raw", "order", "fetch", `{"number":"N3"}`, "-options", `{"return":["number"]}`}, "", 0, `"data":[{"number":"N3"}]`},
		{"call from stdin", []string{"call", "order", "count", "-"}, "{}\n", 0, `"status": "ok"`},
		{"call that fails", []string{"call", "order", "fetch", `{"no_such":1}`}, "", 1, `"unknown_field"`},
		{"call with half a JSON", []string{"call", "order", "fetch", `{`}, "", 1, `"malformed"`},
		{"batch with a failure", []string{"call", "order", "batch", `[{"op":"fetch","data":{}},{"op":"fetch","data":{"x":1}}]`}, "", 1, `"unknown_field"`},
		{"unknown template", []string{"call", "nothing", "fetch", `{}`}, "", 1, `"unknown_template"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := in.beds(tt.stdin, tt.args...)
			if code != tt.code || !strings.Contains(out, tt.want) {
				t.Errorf("exit %d, want %d\nstdout %s\nstderr %s", code, tt.code, out, errs)
			}
		})
	}
}

// logs: what a node logs lands in the collection, with its level and node.
func (in *installation) logs(t *testing.T) {
	c := in.dial(t)
	eventually(t, "the start in msLogs", func() bool {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		reply, err := c.Call(ctx, &envelope.Request{Template: "mst_logger", Op: envelope.OpFetch,
			Data: []byte(`{"level":"info"}`), Options: envelope.Options{Sort: []string{"-created"}}}, runtime.Rec)
		return err == nil && strings.Contains(string(joined(reply)), "step done")
	})
}

func joined(r *envelope.Reply) []byte {
	var b []byte
	for _, d := range r.Data {
		b = append(b, d...)
	}
	return b
}

// tickets: a GUID at once, the result later, from whatever node is asked.
func (in *installation) tickets(t *testing.T) {
	ctx := startContext(t)
	c := in.dial(t)
	ask := func(data string) (*envelope.Reply, error) {
		return c.Call(ctx, &envelope.Request{Template: "order", Op: envelope.OpTicket, Data: []byte(data)}, runtime.Rel)
	}
	type ticket struct {
		Ticket, State string
		Reply         *envelope.Reply
	}
	read := func(r *envelope.Reply) (v ticket) {
		t.Helper()
		if err := json.Unmarshal(r.Data[0], &v, json.MatchCaseInsensitiveNames(true)); err != nil {
			t.Fatal(err)
		}
		return v
	}
	reply, err := ask(`{"op":"write","data":{"number":"TICKET","customer":"01890000-0000-7000-8000-000000000000","placed":"2026-01-01","total":"1.00"}}`)
	if err != nil {
		t.Fatal(err)
	}
	accepted := read(reply)
	if accepted.State != "accepted" {
		t.Fatalf("got %s", reply.Data[0])
	}
	for range 2 { // the result stays for a second look
		eventually(t, "the ticket's result", func() bool {
			reply, err := ask(`{"ticket":"` + accepted.Ticket + `"}`)
			if err != nil {
				t.Fatal(err)
			}
			v := read(reply)
			return v.State == "done" && v.Reply.Status == envelope.StatusOK && len(v.Reply.Data) == 1
		})
	}
	for data, code := range map[string]envelope.Code{
		`{"ticket":"01890000-0000-7000-8000-000000000000"}`: envelope.NotFound,
		`{"ticket":"x"}`:              envelope.BadValue,
		`{"ticket":1}`:                envelope.BadType,
		`{"op":"ticket","data":{}}`:   envelope.UnknownOp,
		`{"op":"fetch","depth":1}`:    envelope.UnknownMember,
		`{"op":"fetch","template":1}`: envelope.Malformed,
		`{}`:                          envelope.Required,
		`[]`:                          envelope.Required,
	} {
		if _, err := ask(data); !errors.Is(err, &envelope.Error{Code: code}) {
			t.Errorf("%s: %v, want %s", data, err, code)
		}
	}
}

// endpoints: alive, ready after a round trip, and metrics that name every queue.
func endpoints(t *testing.T, console string) {
	_, rest, ok := strings.Cut(console, "address=")
	if !ok {
		t.Fatal("the log does not tell the health listener's address")
	}
	base := strings.Trim(strings.Fields(rest)[0], `"`)
	get := func(path string) (int, string) {
		t.Helper()
		resp, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	defer http.DefaultClient.CloseIdleConnections()
	for path, want := range map[string]string{"/healthz": "", "/readyz": `"ready":true`, "/metrics": "beds_queue{", "/buildinfo": "test"} {
		if code, body := get(path); code != http.StatusOK || !strings.Contains(strings.ReplaceAll(body, ": ", ":"), want) {
			t.Errorf("%s answers %d %.300s", path, code, body)
		}
	}
}
