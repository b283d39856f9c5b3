package runtime

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/beds-project/beds/runtime/envelope"
)

// ledger notes the calls that reach the store.
type ledger struct {
	Store
	mu    sync.Mutex
	calls []string
	fail  error
	most  int // items that a call takes; 0 is any number
	crash bool
}

func (l *ledger) note(op string, n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, fmt.Sprintf("%s %d", op, n))
	if l.crash {
		panic("crash")
	}
	if l.most > 0 && n > l.most {
		return envelope.Errorf(envelope.TooLarge, "%d", n)
	}
	return l.fail
}

func (l *ledger) Insert(_ context.Context, _ *Template, items []Insert, atomic bool) ([]Outcome, error) {
	if err := l.note(fmt.Sprintf("insert atomic=%t", atomic), len(items)); err != nil {
		return nil, err
	}
	out := make([]Outcome, len(items))
	for i := range items {
		out[i] = Outcome{ID: GUID{1}, Created: 1, Updated: 1, Revision: int64(len(items[i].Key))}
		if items[i].Key == "taken" {
			out[i] = Outcome{Code: envelope.Duplicate, Detail: "email"}
		}
	}
	return out, nil
}

// Get knows ids that begin with 1 and gives their records the wrong way round.
func (l *ledger) Get(_ context.Context, t *Template, ids []GUID) ([]Row, error) {
	if err := l.note("get", len(ids)); err != nil {
		return nil, err
	}
	var rows []Row
	for i := len(ids) - 1; i >= 0; i-- {
		if ids[i][0] == 0x10 {
			row := make(Row, len(t.Fields))
			row[FieldID] = ids[i].Value()
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// loud is a core of which one operation is replaced by hand.
type loud struct{ Core }

func (c *loud) Write(ctx context.Context, req *Request) (*Answer, error) {
	return nil, envelope.Errorf(envelope.Forbidden, "by hand")
}

func batchFactory(t testing.TB, l *ledger, wrap func(Core) NamasteCore) *Factory {
	tmpl := person(t)
	f, err := NewFactory(FactoryConfig{Store: func(*Template) (Store, error) { return l, nil }, Concurrency: func(*Template) int { return 1 }},
		[]Registration{{Template: tmpl, New: func(s Store) NamasteCore { return wrap(NewCore(tmpl, s)) }}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func asGenerated(c Core) NamasteCore { return &c }

// dispatch sends a batch and gives the codes of its operations, ok for success.
func dispatch(t *testing.T, f *Factory, options string, ops ...string) (codes []string, message string) {
	t.Helper()
	req, e := envelope.Decode([]byte(`{"v":1,"template":"person","op":"batch","key":"b"`+options+`,"ops":[`+strings.Join(ops, ",")+`]}`), envelope.DefaultLimits)
	if e != nil {
		t.Fatal(e)
	}
	res := f.Dispatch(t.Context(), &Request{Request: req})
	if res.Err != nil {
		return []string{string(res.Err.Code)}, res.Err.Message
	}
	reply, err := envelope.DecodeReply(envelope.AppendReply(nil, req, &res, "n", 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range reply.Data {
		one, err := envelope.DecodeReply([]byte(`{"v":1,"event_id":"",` + strings.TrimPrefix(string(d), "{")))
		if err != nil {
			t.Fatal(err)
		}
		code := fmt.Sprintf("ok %d", one.Count)
		if one.Error != nil {
			code = string(one.Error.Code)
		}
		codes = append(codes, code)
	}
	return codes, ""
}

func writeOf(email, more string) string {
	return `{"op":"write"` + more + `,"data":{"email":"` + email + `"}}`
}

func fetchOf(first string) string {
	return `{"op":"fetch","data":{"id":"` + first + `890000-0000-7000-8000-000000000000"}}`
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s %q, want %q", what, got, want)
	}
}

// What a store takes many of at a call goes out in one, and each operation has its own result.
func TestBatchSharesCalls(t *testing.T) {
	l := new(ledger)
	f := batchFactory(t, l, asGenerated)
	codes, _ := dispatch(t, f, "", writeOf("a@example.com", ""), fetchOf("10"), writeOf("far-too-long-an-address@example.com", ""),
		writeOf("b@example.com", `,"key":"taken"`), `{"op":"nonsense"}`, fetchOf("20"), writeOf("c@example.com", `,"options":{"dry_run":true}`),
		fetchOf("10"), writeOf("d@example.com", ""))
	expect(t, "results", codes, []string{"ok 1", "ok 1", "bad_value", "duplicate", "unknown_operation", "ok 0", "ok 0", "ok 1", "ok 1"})
	if len(l.calls) != 2 {
		t.Errorf("the store was called %v", l.calls)
	}
	for _, c := range l.calls {
		if c != "insert atomic=false 3" && c != "get 3" {
			t.Errorf("a call of %s", c)
		}
	}
}

func TestBatchTooLargeTogether(t *testing.T) {
	l := &ledger{most: 1}
	codes, _ := dispatch(t, batchFactory(t, l, asGenerated), "", fetchOf("10"), fetchOf("20"), fetchOf("10"))
	expect(t, "results", codes, []string{"ok 1", "ok 0", "ok 1"})
	expect(t, "calls", l.calls, []string{"get 3", "get 1", "get 1", "get 1"})
}

func TestBatchFailsTogether(t *testing.T) {
	for name, l := range map[string]*ledger{"unavailable": {fail: envelope.Errorf(envelope.Unavailable, "down")}, "internal": {crash: true}} {
		f := batchFactory(t, l, asGenerated)
		for range 2 { // the second shows that the slot was given back
			codes, _ := dispatch(t, f, "", writeOf("a@example.com", ""), writeOf("way-too-long-for-it@example.com", ""), writeOf("b@example.com", ""))
			expect(t, "results", codes, []string{name, "bad_value", name})
		}
	}
}

// An operation that was replaced by hand is called, never gone round.
func TestBatchKeepsWhatIsReplaced(t *testing.T) {
	l := new(ledger)
	f := batchFactory(t, l, func(c Core) NamasteCore { return &loud{c} })
	codes, _ := dispatch(t, f, "", writeOf("a@example.com", ""), fetchOf("10"), writeOf("b@example.com", ""))
	expect(t, "results", codes, []string{"forbidden", "ok 1", "forbidden"})
	codes, _ = dispatch(t, f, `,"options":{"atomic":true}`, writeOf("a@example.com", ""))
	expect(t, "results", codes, []string{"unsupported"})
	expect(t, "calls", l.calls, []string{"get 1"})
}

func TestAtomicBatch(t *testing.T) {
	l := new(ledger)
	f := batchFactory(t, l, asGenerated)
	codes, _ := dispatch(t, f, `,"options":{"atomic":true}`, writeOf("a@example.com", ""), writeOf("b@example.com", ""))
	expect(t, "results", codes, []string{"ok 1", "ok 1"})
	codes, text := dispatch(t, f, `,"options":{"atomic":true}`, writeOf("a@example.com", ""), writeOf("way-too-long-for-it@example.com", ""))
	expect(t, "results", codes, []string{"bad_value"})
	if !strings.HasPrefix(text, "ops[1]: ") {
		t.Errorf("%q names no operation", text)
	}
	codes, _ = dispatch(t, f, `,"options":{"atomic":true,"dry_run":true}`, writeOf("a@example.com", ""))
	expect(t, "results", codes, []string{"ok 0"})
	expect(t, "calls", l.calls, []string{"insert atomic=true 2"})
}
