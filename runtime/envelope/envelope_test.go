package envelope

import (
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	body := `{"v":1,"template":"order","op":"fetch","event_id":"ms.dev.1","parent_id":"p","root_id":"r","depth":2,
		"key":"k","deadline_ms":250,"data":{ "a": [1, {"b":"\u00e9"}] },"options":{"limit":5,"cursor":"c","return":["id"],"sort":["-id"],"dry_run":true}}`
	req, err := Decode([]byte(body), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if string(req.Data) != `{ "a": [1, {"b":"\u00e9"}] }` {
		t.Errorf("data is %s", req.Data)
	}
	if req.Template != "order" || req.Op != "fetch" || req.Depth != 2 || req.DeadlineMS != 250 || req.Options.Limit != 5 ||
		req.Options.Sort[0] != "-id" || !req.Options.DryRun {
		t.Errorf("decoded %+v", req)
	}
	again, err := Decode(AppendRequest(nil, req), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if string(again.Data) != string(req.Data) || again.EventID != req.EventID || again.Options.Cursor != "c" {
		t.Errorf("the round trip gave %+v", again)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const head = `{"v":1,"template":"order","op":"fetch"`
	tests := []struct {
		name, body string
		code       Code
	}{
		{"empty", ``, Malformed},
		{"truncated", head + `,"data":{`, Malformed},
		{"not an object", `[]`, Malformed},
		{"two values", head + `}{}`, Malformed},
		{"duplicate member", head + `,"op":"fetch"}`, Malformed},
		{"duplicate in data", head + `,"data":{"a":1,"a":2}}`, Malformed},
		{"duplicate deep in data", head + `,"data":{"a":{"b":1,"b":2}}}`, Malformed},
		{"invalid UTF-8", head + ",\"key\":\"\xff\"}", Malformed},
		{"wrong case", `{"V":1,"template":"order","op":"fetch"}`, UnknownMember},
		{"unknown member", head + `,"no_such":1}`, UnknownMember},
		{"unknown option", head + `,"options":{"Limit":1}}`, UnknownOption},
		{"no version", `{"template":"order","op":"fetch"}`, Unversioned},
		{"version as text", `{"v":"1","template":"order","op":"fetch"}`, BadType},
		{"version 2", `{"v":2,"template":"order","op":"fetch"}`, Unversioned},
		{"no template", `{"v":1,"op":"fetch"}`, Required},
		{"no op", `{"v":1,"template":"order"}`, Required},
		{"limit 0", head + `,"options":{"limit":0}}`, BadValue},
		{"limit as a fraction", head + `,"options":{"limit":1.5}}`, BadValue},
		{"sort as text", head + `,"options":{"sort":"id"}}`, BadType},
		{"long key", head + `,"key":"` + strings.Repeat("k", 129) + `"}`, BadValue},
		{"negative deadline", head + `,"deadline_ms":-1}`, BadValue},
		{"depth 10,000", head + `,"data":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`, TooLarge},
		{"20 MB", head + `,"data":"` + strings.Repeat("x", 20<<20) + `"}`, TooLarge},
		{"10,001 members", head + `,"data":{` + strings.Repeat(`"a":1,`, 10_001) + `"b":1}}`, TooLarge},
		{"batch over the limit", `{"v":1,"template":"order","op":"batch","ops":[` + strings.Repeat(`{"op":"fetch"},`, 256) + `{"op":"fetch"}]}`, TooLarge},
		{"envelope member in an operation", `{"v":1,"template":"order","op":"batch","ops":[{"op":"fetch","event_id":"x"}]}`, UnknownMember},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.body), DefaultLimits)
			if err == nil || err.Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestReplyRoundTrip(t *testing.T) {
	req := &Request{EventID: "e", ParentID: "p"}
	ok := AppendReply(nil, req, &Result{Data: []byte(`{"a":1},{"a":2}`), Count: 2, Cursor: "c"}, "node", 12)
	r, err := DecodeReply(ok)
	if err != nil || r.Status != StatusOK || len(r.Data) != 2 || r.Cursor != "c" || r.TookUS != 12 || r.Err() != nil {
		t.Errorf("%s: %+v %v", ok, r, err)
	}
	for _, entry := range Catalogue() {
		bad := AppendReply(nil, req, &Result{Err: &Error{Code: entry.Code, Message: "quote \" and \x01", Details: []Detail{{"f", BadType, "m"}}}}, "node", 1)
		r, err := DecodeReply(bad)
		if err != nil || r.Error.Code != entry.Code || r.Error.Retryable != entry.Retryable || len(r.Error.Details) != 1 {
			t.Errorf("%s: %+v %v", bad, r, err)
		}
		if want := entry.Class == ClassUnknown; (r.Status == StatusUnknown) != want {
			t.Errorf("%s has status %s", entry.Code, r.Status)
		}
	}
}

// The bounds hold before anything is allocated for what exceeds them.
func TestCheckDoesNotAllocate(t *testing.T) {
	body := []byte(`{"v":1,"data":` + strings.Repeat("[", 10_000) + `}`)
	var err *Error
	if n := testing.AllocsPerRun(100, func() { err = DefaultLimits.Check(body) }); n > 5 { // the error itself
		t.Errorf("%v allocations", n)
	}
	if err == nil {
		t.Error("no error")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"template":"order","op":"fetch","data":{"a":"\\\""},"options":{"return":["x"]}}`))
	f.Add([]byte(`{"v":1,"template":"order","op":"batch","ops":[{"op":"write","data":{},"key":"k"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := Decode(body, Limits{Body: 1 << 16, Depth: 16, Keys: 100, Batch: 8})
		if err != nil {
			if Lookup(err.Code).Class != ClassClient {
				t.Errorf("a wrong body is answered with %v", err)
			}
			return
		}
		again, err := Decode(AppendRequest(nil, req), Limits{Body: 1 << 20, Depth: 16, Keys: 200, Batch: 8})
		if err != nil {
			t.Fatalf("%q does not survive the round trip: %v", body, err)
		}
		if again.Template != req.Template || again.Op != req.Op || string(again.Data) != string(req.Data) || len(again.Ops) != len(req.Ops) {
			t.Errorf("%q became %+v", body, again)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(`{"v":1,"template":"order","op":"fetch","event_id":"ms.dev.01890000-0000-7000-8000-000000000000","data":{"id":"01890000-0000-7000-8000-000000000000"}}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(body, DefaultLimits); err != nil {
			b.Fatal(err)
		}
	}
}
