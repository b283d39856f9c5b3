package maria_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

const baseTime = 1_767_225_600_000_000 // 2026-01-01T00:00:00Z

var serial atomic.Uint64

// newID makes ids that grow, as UUIDv7 do.
func newID() runtime.GUID {
	n := serial.Add(1)
	g := runtime.GUID{0x01, 0x99, 6: 0x70, 8: 0x80}
	for i := range 7 {
		g[15-i] = byte(n >> (8 * i))
	}
	return g
}

func key(k string) runtime.RequestKey {
	return runtime.RequestKey{Key: k, Hash: md5.Sum([]byte(k))}
}

// fieldOf finds a field by name without the TLA.
func fieldOf(t *runtime.Template, name string) int {
	for i := range t.Fields {
		if t.Fields[i].Name == name || len(t.Fields[i].Name) == len(name)+4 && t.Fields[i].Name[:len(name)] == name {
			return i
		}
	}
	panic("no field " + name)
}

type set map[string]runtime.Value

// insertOf is a new record with the given values, all others null.
func insertOf(t *runtime.Template, k string, values set) runtime.Insert {
	n := int64(serial.Add(1))
	row := make(runtime.Row, len(t.Fields))
	for i := range row {
		row[i] = runtime.NullValue()
	}
	row[runtime.FieldID] = newID().Value()
	row[runtime.FieldCreated] = runtime.IntValue(baseTime + n)
	row[runtime.FieldUpdated] = runtime.IntValue(baseTime + n)
	row[runtime.FieldRevision] = runtime.IntValue(1)
	for name, v := range values {
		row[fieldOf(t, name)] = v
	}
	return runtime.Insert{RequestKey: key(k), Row: row}
}

// dish is a kitchen record with its required fields.
func dish(t *runtime.Template, name string, values set) runtime.Insert {
	in := insertOf(t, "insert "+name, values)
	for field, v := range (set{"name": str(name), "state": str("new"), "rank": num(0)}) {
		if i := fieldOf(t, field); in.Row[i].State == runtime.Null {
			in.Row[i] = v
		}
	}
	return in
}

func str(s string) runtime.Value { return runtime.StrValue(s) }
func num(i int64) runtime.Value  { return runtime.IntValue(i) }

func changeOf(t *runtime.Template, k string, id runtime.GUID, revision int64, values set) runtime.Update {
	row := make(runtime.Row, len(t.Fields))
	for name, v := range values {
		row[fieldOf(t, name)] = v
	}
	return runtime.Update{RequestKey: key(k), ID: id, Revision: revision, Now: baseTime + int64(serial.Add(1)), Row: row}
}

func idOf(in runtime.Insert) runtime.GUID { return runtime.GUIDOf(in.Row[runtime.FieldID]) }

// insertAll inserts and expects success.
func (d *database) insertAll(t testing.TB, tmpl *runtime.Template, items ...runtime.Insert) {
	t.Helper()
	outcomes, err := d.store.Insert(context.Background(), tmpl, items, false)
	if err != nil {
		t.Fatal(err)
	}
	wantCodes(t, outcomes, make([]envelope.Code, len(items))...)
}

func wantCodes(t testing.TB, outcomes []runtime.Outcome, want ...envelope.Code) {
	t.Helper()
	got := make([]envelope.Code, len(outcomes))
	for i, o := range outcomes {
		got[i] = o.Code
	}
	if !slices.Equal(got, want) {
		t.Fatalf("outcomes are %q, want %q\n%+v", got, want, outcomes)
	}
}

// fetch gets one record or nil.
func (d *database) fetch(t testing.TB, tmpl *runtime.Template, id runtime.GUID) runtime.Row {
	t.Helper()
	rows, err := d.store.Get(context.Background(), tmpl, []runtime.GUID{id})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

func wantError(t testing.TB, err error, code envelope.Code) *envelope.Error {
	t.Helper()
	e, ok := err.(*envelope.Error)
	if !ok || e.Code != code {
		t.Fatalf("error is %v, want %s", err, code)
	}
	return e
}

func describe(row runtime.Row) string { return fmt.Sprintf("%+v", row) }

func timestamp(micro int64) string {
	return time.UnixMicro(micro).UTC().Format(`"2006-01-02 15:04:05.000000"`)
}
