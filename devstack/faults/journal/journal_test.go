package journal

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestAppend: whatever Append has returned for is in the file, once and whole.
func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.jsonl")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			if err := w.Append(Entry{Kind: Reply, Key: fmt.Sprint(i), Note: "\"\n\xff"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	entries, err := Read(path) // before Close: it is on disk already
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, e := range entries {
		seen[e.Key] = true
	}
	if len(entries) != 50 || len(seen) != 50 {
		t.Errorf("%d entries with %d keys", len(entries), len(seen))
	}
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}
