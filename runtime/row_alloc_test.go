//go:build !race

package runtime

import "testing"

// TestAllocationsOfRows guards the encoding of records, which every reply repeats.
func TestAllocationsOfRows(t *testing.T) {
	f := benchFactory(t)
	core := f.Core("person")
	tmpl := core.Template()
	rows, err := core.(*Core).Store().Get(t.Context(), tmpl, []GUID{{1}})
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]byte, 0, 1024)
	if n := testing.AllocsPerRun(200, func() { dst = AppendRow(dst[:0], tmpl, rows[0], nil) }); n > 1 {
		t.Errorf("a row: %v allocations, at most 1", n)
	}
	projection := []int{FieldID, 7}
	if n := testing.AllocsPerRun(200, func() { dst = AppendRow(dst[:0], tmpl, rows[0], projection) }); n > 1 {
		t.Errorf("two fields of a row: %v allocations, at most 1", n)
	}
}
