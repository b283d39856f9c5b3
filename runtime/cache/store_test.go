package cache

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/guard"
)

// get reads by id and returns the name, or "" for no record.
func get(t testing.TB, s *Store, id runtime.GUID) string {
	t.Helper()
	rows, err := s.Get(context.Background(), s.table.template, []runtime.GUID{id})
	if err != nil || len(rows) > 1 {
		t.Fatal(rows, err)
	}
	if len(rows) == 0 {
		return ""
	}
	return rows[0][name].Str
}

// find reads by address and returns the id, or the zero id.
func find(t testing.TB, s *Store, address string) runtime.GUID {
	t.Helper()
	ix, keys := byEmail(s.table.template, address)
	rows, err := s.Lookup(context.Background(), s.table.template, ix, keys)
	if err != nil || len(rows) > 1 {
		t.Fatal(rows, err)
	}
	if len(rows) == 0 {
		return runtime.GUID{}
	}
	return runtime.GUIDOf(rows[0][runtime.FieldID])
}

// expect compares the number of reads that reached the store since the call before.
func (m *memory) expect(t *testing.T, what string, n int) {
	t.Helper()
	if m.reads != n {
		t.Errorf("%s: %d reads reached the store, want %d", what, m.reads, n)
	}
	m.reads = 0
}

func TestReadsFromMemory(t *testing.T) {
	s, m, tmpl := single(t, ample, time.Hour)
	id := m.insert("ada@example.com")
	for range 3 {
		get(t, s, id)
	}
	m.expect(t, "three reads by id", 1)
	if find(t, s, "ada@example.com") != id {
		t.Error("not found by its address")
	}
	m.expect(t, "by unique key after a read by id", 0)
	other := m.insert("eve@example.com")
	for range 3 {
		find(t, s, "eve@example.com")
	}
	get(t, s, other)
	m.expect(t, "by unique key, then by id", 1)
	rows, err := s.Get(context.Background(), tmpl, []runtime.GUID{id, m.insert("new@example.com"), other})
	if len(rows) != 3 || err != nil {
		t.Error(rows, err)
	}
	m.expect(t, "two of three in memory", 1)
	ix, keys := byEmail(tmpl, "ada@example.com")
	m.insert("newer@example.com")
	keys = append(keys, runtime.UniqueKey{runtime.StrValue("newer@example.com")}, runtime.UniqueKey{runtime.StrValue("eve@example.com")})
	rows, err = s.Lookup(context.Background(), tmpl, ix, keys)
	if len(rows) != 3 || err != nil {
		t.Error(rows, err)
	}
	m.expect(t, "two of three unique keys in memory", 1)
}

func TestAbsentRecordsAreNotRemembered(t *testing.T) {
	s, m, _ := single(t, ample, time.Hour)
	if find(t, s, "ada@example.com") != (runtime.GUID{}) {
		t.Fatal("found")
	}
	if id := m.insert("ada@example.com"); find(t, s, "ada@example.com") != id {
		t.Error("a new record is not found")
	}
}

func TestChangesAreSeen(t *testing.T) {
	s, m, tmpl := single(t, ample, time.Hour)
	ctx := context.Background()
	id, other := m.insert("ada@example.com"), m.insert("eve@example.com")
	for _, a := range []string{"ada@example.com", "eve@example.com"} {
		find(t, s, a)
	}
	s.Update(ctx, tmpl, change(id, name, "Ada King"), false) //nolint:errcheck // memory
	if got := get(t, s, id); got != "Ada King" {
		t.Errorf("after an update: %s", got)
	}
	// The address moves from one record to the other.
	s.Update(ctx, tmpl, change(id, email, "old@example.com"), false)    //nolint:errcheck // memory
	s.Update(ctx, tmpl, change(other, email, "ada@example.com"), false) //nolint:errcheck // memory
	if find(t, s, "ada@example.com") != other || find(t, s, "old@example.com") != id || find(t, s, "eve@example.com") != (runtime.GUID{}) {
		t.Error("an address leads to the record that had it")
	}
	s.Delete(ctx, tmpl, []runtime.Delete{{ID: other}}, false) //nolint:errcheck // memory
	if find(t, s, "ada@example.com") != (runtime.GUID{}) || get(t, s, other) != "" {
		t.Error("a deleted record is found")
	}
	m.mu.Lock()
	delete(m.rows, id) // by hand
	m.mu.Unlock()
	if get(t, s, id) == "" {
		t.Fatal("the record is not in memory: the test shows nothing")
	}
	s.Update(ctx, tmpl, change(id, name, "x"), false) //nolint:errcheck // not found
	if get(t, s, id) != "" {
		t.Error("a record is in memory after an answer that said it does not exist")
	}
	m.reads = 0
	keep := m.insert("k@example.com")
	get(t, s, keep)
	s.Object(ctx, tmpl, "renumber", nil) //nolint:errcheck // memory
	get(t, s, keep)
	m.expect(t, "before and after an object", 2)
}

// A key that an old record in memory still seems to have must not hide a new one.
func TestReferenceOfAChangedRecord(t *testing.T) {
	s, m, _ := single(t, ample, time.Hour)
	old := m.insert("ada@example.com")
	find(t, s, "ada@example.com")
	m.mu.Lock()
	m.rows[old] = append(runtime.Row(nil), m.rows[old]...)
	m.rows[old][email] = runtime.StrValue("old@example.com")
	m.mu.Unlock()
	s.cache.Invalidate("person", []runtime.GUID{old}, false) // as another node's message does
	id := m.insert("ada@example.com")
	get(t, s, old)
	if find(t, s, "ada@example.com") != id {
		t.Error("the new record is hidden")
	}
}

// A hit asks neither store nor breaker.
func TestHitsUnderAnOpenBreaker(t *testing.T) {
	s, m, tmpl := single(t, ample, time.Hour)
	id := m.insert("ada@example.com")
	get(t, s, id)
	g := guard.New(failure{code: envelope.Unavailable}, guard.Config{Failures: 1})
	defer g.Close(context.Background()) //nolint:errcheck // never fails
	s.Store = g
	s.Update(context.Background(), tmpl, change(id, name, "x"), false) //nolint:errcheck // fails
	if !g.Stats().Open {
		t.Fatal("the breaker is closed")
	}
	if get(t, s, id) != "Ada" || find(t, s, "ada@example.com") != id {
		t.Error("not answered from memory")
	}
}

// Two keys with one hash are told apart by the record.
func TestKeysWithOneHash(t *testing.T) {
	s, m, _ := single(t, ample, time.Hour)
	ada, eve := m.insert("ada@example.com"), m.insert("eve@example.com")
	get(t, s, ada)
	u := &s.table.unique[0]
	h := s.cache.hash(s.table, u, &runtime.UniqueKey{runtime.StrValue("eve@example.com")})
	s.cache.refs[h%stripeCount].ids[h] = ada
	if find(t, s, "eve@example.com") != eve {
		t.Error("found by a key that it does not have")
	}
}

// A read that was overtaken by a change must not keep what it read.
func TestOvertakenReadIsNotKept(t *testing.T) {
	for _, tt := range []struct {
		name  string
		read  func(*Store, *runtime.Template, runtime.GUID)
		write func(*Store, *runtime.Template, runtime.GUID)
	}{
		{"get and update", readByID, func(s *Store, tmpl *runtime.Template, id runtime.GUID) {
			s.Update(context.Background(), tmpl, change(id, name, "new"), false) //nolint:errcheck // memory
		}},
		{"find and update", readByEmail, func(s *Store, tmpl *runtime.Template, id runtime.GUID) {
			s.Update(context.Background(), tmpl, change(id, name, "new"), false) //nolint:errcheck // memory
		}},
		{"get and a message", readByID, func(s *Store, _ *runtime.Template, id runtime.GUID) {
			s.Store.Update(context.Background(), nil, change(id, name, "new"), false) //nolint:errcheck // memory
			s.cache.Invalidate("person", []runtime.GUID{id}, false)
		}},
		{"find and all", readByEmail, func(s *Store, _ *runtime.Template, id runtime.GUID) {
			s.Store.Update(context.Background(), nil, change(id, name, "new"), false) //nolint:errcheck // memory
			s.cache.Clear()
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, m, tmpl := single(t, ample, time.Hour)
			id := m.insert("ada@example.com")
			once := false
			m.pause = func() {
				if !once {
					once = true
					tt.write(s, tmpl, id)
				}
			}
			tt.read(s, tmpl, id)
			if got := get(t, s, id); got != "new" {
				t.Errorf("read %q from memory", got)
			}
		})
	}
}

func readByID(s *Store, tmpl *runtime.Template, id runtime.GUID) {
	s.Get(context.Background(), tmpl, []runtime.GUID{id}) //nolint:errcheck // memory
}

func readByEmail(s *Store, tmpl *runtime.Template, _ runtime.GUID) {
	ix, keys := byEmail(tmpl, "ada@example.com")
	s.Lookup(context.Background(), tmpl, ix, keys) //nolint:errcheck // memory
}

// The duration counts from the beginning of the read.
func TestDuration(t *testing.T) {
	s, m, _ := single(t, ample, time.Minute)
	now := int64(1)
	s.cache.clock = func() int64 { return now }
	id := m.insert("ada@example.com")
	m.pause = func() { now += int64(time.Second) }
	get(t, s, id)
	now += int64(59*time.Second) - 1
	get(t, s, id)
	m.expect(t, "within the duration", 1)
	now++
	get(t, s, id)
	m.expect(t, "after it", 1)
}

// A failed write that may have happened is one.
func TestUncertainWrites(t *testing.T) {
	for code, forgotten := range map[envelope.Code]bool{
		envelope.Unavailable: false, envelope.Busy: false, envelope.Unsupported: false, envelope.DeadlinePassed: false,
		envelope.Unknown: true, envelope.Internal: true,
	} {
		s, m, tmpl := single(t, ample, time.Hour)
		id := m.insert("ada@example.com")
		get(t, s, id)
		failing := Store{Store: failure{code: code}, cache: s.cache, table: s.table, peers: s.peers}
		failing.Update(context.Background(), tmpl, change(id, name, "x"), false) //nolint:errcheck // fails
		m.reads = 0
		get(t, s, id)
		if got := m.reads == 1; got != forgotten {
			t.Errorf("%s: forgotten %v", code, got)
		}
	}
}

type failure struct {
	runtime.Store
	code envelope.Code
}

func (f failure) Ping(context.Context) error  { return errors.New("down") }
func (f failure) Close(context.Context) error { return nil }

func (f failure) Update(context.Context, *runtime.Template, []runtime.Update, bool) ([]runtime.Outcome, error) {
	return nil, envelope.Errorf(f.code, "failed")
}
