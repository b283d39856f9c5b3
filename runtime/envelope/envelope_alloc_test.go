//go:build !race

package envelope

import (
	"testing"
)

// TestAllocations guards what reading a request and writing its reply allocate. A
// change that needs more must say why here.
func TestAllocations(t *testing.T) {
	read := []byte(`{"v":1,"template":"order","op":"fetch","event_id":"ms.dev.01890000-0000-7000-8000-000000000000","data":{"id":"01890000-0000-7000-8000-000000000000"}}`)
	batch := []byte(`{"v":1,"template":"order","op":"batch","event_id":"e","ops":[{"op":"fetch","data":{"id":"a"}},{"op":"fetch","data":{"id":"b"}},{"op":"fetch","data":{"id":"c"}},{"op":"fetch","data":{"id":"d"}}]}`)
	req := &Request{EventID: "ms.dev.01890000-0000-7000-8000-000000000000", ParentID: "p"}
	found := &Result{Data: []byte(`{"id":"01890000-0000-7000-8000-000000000000"}`), Count: 1}
	refused := &Result{Err: &Error{Code: NotFound, Message: "there is no order with this id"}}
	dst := make([]byte, 0, 1024)
	for _, tt := range []struct {
		name string
		most float64
		run  func()
	}{
		{"decode a read", 8, func() { mustDecode(t, read) }},
		{"decode a batch of four", 22, func() { mustDecode(t, batch) }},
		{"append a reply", 0, func() { dst = AppendReply(dst[:0], req, found, "node", 12) }},
		{"append an error", 0, func() { dst = AppendReply(dst[:0], req, refused, "node", 12) }},
		{"append a request", 0, func() {
			dst = AppendRequest(dst[:0], &Request{Template: "order", Op: OpFetch, EventID: "e", Data: found.Data})
		}},
	} {
		if n := testing.AllocsPerRun(200, tt.run); n > tt.most {
			t.Errorf("%s: %v allocations, at most %v", tt.name, n, tt.most)
		}
	}
}

func mustDecode(t *testing.T, body []byte) {
	if _, err := Decode(body, DefaultLimits); err != nil {
		t.Fatal(err)
	}
}
