package cache

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Fields of the template of the tests, beside the system fields.
const (
	email = runtime.FieldDeleted + iota
	name
	fieldCount
)

func person(t testing.TB) *runtime.Template {
	t.Helper()
	str := runtime.Type{Kind: runtime.String, Max: 100}
	tmpl := &runtime.Template{
		Name: "person", Behaviour: runtime.Behaviour{Updates: true, Deletes: runtime.DeletesHard, MaxLimit: 100, MaxBatch: 10},
		Fields: []runtime.Field{
			{Name: "id", Public: "id", Type: runtime.Type{Kind: runtime.GUIDKind}},
			{Name: "created", Public: "created", Type: runtime.Type{Kind: runtime.Timestamp}},
			{Name: "updated", Public: "updated", Type: runtime.Type{Kind: runtime.Timestamp}},
			{Name: "revision", Public: "revision", Type: runtime.Type{Kind: runtime.Integer}},
			{Name: "email_prs", Public: "email", Type: str, Required: true},
			{Name: "name_prs", Public: "name", Type: str},
		},
		Indexes: []runtime.Index{
			{Name: "id", Keys: []runtime.Key{{Field: runtime.FieldID}}, Unique: true},
			{Name: "email", Keys: []runtime.Key{{Field: email}}, Unique: true},
			{Name: "name", Keys: []runtime.Key{{Field: name}}},
		},
	}
	if err := runtime.Prepare(tmpl); err != nil {
		t.Fatal(err)
	}
	return tmpl
}

// byEmail are the index and the key that lead to an address.
func byEmail(t *runtime.Template, address string) (*runtime.Index, []runtime.UniqueKey) {
	return &t.Indexes[1], []runtime.UniqueKey{{runtime.StrValue(address)}}
}

// memory is a store with unique addresses. pause, where set, is called between the
// work and the answer of every call, where races are.
type memory struct {
	runtime.Store
	mu    sync.Mutex
	rows  map[runtime.GUID]runtime.Row
	reads int
	pause func()
}

func newMemory() *memory { return &memory{rows: map[runtime.GUID]runtime.Row{}, pause: func() {}} }

func (m *memory) insert(address string) runtime.GUID {
	row := make(runtime.Row, fieldCount)
	id := runtime.GUID(lineage.NewV7())
	row[runtime.FieldID], row[runtime.FieldRevision] = id.Value(), runtime.IntValue(1)
	row[email], row[name] = runtime.StrValue(address), runtime.StrValue("Ada")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows[id] = row
	return id
}

func (m *memory) Get(_ context.Context, _ *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	return m.read(func(row runtime.Row) bool { return slices.Contains(ids, runtime.GUIDOf(row[runtime.FieldID])) })
}

func (m *memory) Lookup(_ context.Context, _ *runtime.Template, ix *runtime.Index, keys []runtime.UniqueKey) ([]runtime.Row, error) {
	return m.read(func(row runtime.Row) bool {
		key, _ := ix.KeyOf(row)
		return slices.Contains(keys, key)
	})
}

func (m *memory) read(match func(runtime.Row) bool) (rows []runtime.Row, err error) {
	m.mu.Lock()
	m.reads++
	for _, row := range m.rows {
		if match(row) {
			rows = append(rows, row)
		}
	}
	m.mu.Unlock()
	m.pause()
	return rows, nil
}

func (m *memory) Update(_ context.Context, _ *runtime.Template, items []runtime.Update, _ bool) ([]runtime.Outcome, error) {
	m.mu.Lock()
	out := make([]runtime.Outcome, len(items))
	for i, item := range items {
		out[i] = m.update(item)
	}
	m.mu.Unlock()
	m.pause()
	return out, nil
}

func (m *memory) update(item runtime.Update) runtime.Outcome {
	old, ok := m.rows[item.ID]
	if !ok {
		return runtime.Outcome{Code: envelope.NotFound}
	}
	row := slices.Clone(old)
	for i, v := range item.Row {
		if v.State != runtime.Missing {
			row[i] = v
		}
	}
	for id, other := range m.rows {
		if id != item.ID && other[email] == row[email] {
			return runtime.Outcome{Code: envelope.Duplicate}
		}
	}
	row[runtime.FieldRevision].Int++
	m.rows[item.ID] = row
	return runtime.Outcome{ID: item.ID, Revision: row[runtime.FieldRevision].Int}
}

func (m *memory) Delete(_ context.Context, _ *runtime.Template, items []runtime.Delete, _ bool) ([]runtime.Outcome, error) {
	m.mu.Lock()
	out := make([]runtime.Outcome, len(items))
	for i, item := range items {
		if _, ok := m.rows[item.ID]; !ok {
			out[i].Code = envelope.NotFound
		}
		delete(m.rows, item.ID)
	}
	m.mu.Unlock()
	m.pause()
	return out, nil
}

func (m *memory) Object(context.Context, *runtime.Template, string, []byte) ([]byte, error) {
	return []byte("[]"), nil
}

// single is a cache over a store on the only node, with a lease that does not end.
func single(t testing.TB, cfg Config, life time.Duration) (*Store, *memory, *runtime.Template) {
	t.Helper()
	tmpl, m, c := person(t), newMemory(), New(cfg)
	p := NewPeers(c, true)
	t.Cleanup(p.Close)
	p.fresh.Store(1 << 62)
	return Wrap(m, tmpl, life, c, p), m, tmpl
}

// ample is a bound that no small test meets.
var ample = Config{Entries: 10_000, Bytes: 64 << 20}

// change is an update of one field.
func change(id runtime.GUID, field int, value string) []runtime.Update {
	row := make(runtime.Row, fieldCount)
	row[field] = runtime.StrValue(value)
	return []runtime.Update{{ID: id, Row: row}}
}
