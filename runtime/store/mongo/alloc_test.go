package mongo

import (
	"testing"

	beds "github.com/beds-project/beds/runtime"
)

// TestCodecAllocations holds the hot path to what a record must cost: its buffer
// on the way in; on the way out the copy of the document, the row, and what is not
// kept in the form of its value (guids, decimals, objects, arrays).
func TestCodecAllocations(t *testing.T) {
	p := newPlan(thing)
	row := newThing(map[int]beds.Value{name: beds.StrValue("a name"), number_: beds.IntValue(1), seen: beds.IntValue(now)}).Row
	c := &claim{id: "thing/key", record: beds.GUIDOf(row[0])}
	var doc []byte
	encode := testing.AllocsPerRun(100, func() {
		w := newWriter(1024)
		root := w.open()
		w.record(p, row, c)
		w.close(root)
		doc = w.b
	})
	if encode > 1 {
		t.Errorf("encoding allocates %g times", encode)
	}
	decode := testing.AllocsPerRun(100, func() {
		if _, err := p.decodeRow(string(doc)); err != nil {
			t.Fatal(err)
		}
	})
	if decode > 3 {
		t.Errorf("decoding allocates %g times", decode)
	}
}
