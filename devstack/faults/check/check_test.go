package check

import (
	"path/filepath"
	"testing"

	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/stack"
)

// TestVerdicts gives the checker evidence that is clean, and damages it in one place each.
func TestVerdicts(t *testing.T) {
	write := func(status, code string) []journal.Entry {
		return []journal.Entry{
			{Kind: journal.Intent, Key: "c-1", Op: "write", Template: "order", Name: "c-1"},
			{Kind: journal.Publish, Key: "c-1", Attempt: 1},
			{Kind: journal.Reply, Key: "c-1", Attempt: 1, Status: status, Code: code, Revision: 1},
		}
	}
	there := Stores{Orders: map[string][]Row{"c-1": {{Revision: 1, Mark: "c-1"}}}, Effects: map[string]int{"c-1": 1}}
	twice := Stores{Orders: map[string][]Row{"c-1": {{Revision: 1, Mark: "c-1"}}}, Effects: map[string]int{"c-1": 2}}
	for _, tt := range []struct {
		name    string
		entries []journal.Entry
		stores  Stores
		letters []stack.DeadLetter
		want    Counters
	}{
		{"clean", write("ok", ""), there, nil, Counters{Acknowledged: 1, OK: 1}},
		{"acknowledged and absent", write("ok", ""), Stores{}, nil, Counters{Acknowledged: 1, Lost: 1}},
		{"two effects", write("ok", ""), twice, nil, Counters{Acknowledged: 1, Duplicated: 1}},
		{"refused without a cause", write("error", "internal"), Stores{}, nil, Counters{Unexpected: 1}},
		{"never answered", write("ok", "")[:2], Stores{}, nil, Counters{Unexpected: 1}},
		{"unknown for ever", write("unknown", "unknown"), there, nil, Counters{Unexpected: 1}},
		{"an effect that nobody asked for", nil, Stores{Effects: map[string]int{"c-2": 1}}, nil, Counters{Unexpected: 1}},
		{"a dead letter without a reason", write("ok", ""), there, []stack.DeadLetter{{MessageID: "m"}}, Counters{Acknowledged: 1, OK: 1, Dead: 1, Unexpected: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "j.jsonl")
			w, err := journal.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range tt.entries {
				if err := w.Append(e); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			got, err := Case(Input{Journal: path, Case: "c", Stores: tt.stores, Letters: tt.letters})
			if err != nil {
				t.Fatal(err)
			}
			if len(tt.entries) > 0 {
				tt.want.Attempted = 1
			}
			if got.Counters != tt.want {
				t.Errorf("got %+v\nwant %+v\n%v", got.Counters, tt.want, got.Findings)
			}
		})
	}
}
