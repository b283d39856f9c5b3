package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
)

// refusals are wrong requests; nothing of them may reach a store.
func (s *subject) refusals(t *testing.T) {
	before := s.must(envelope.OpCount, `{}`, "").Count
	s.refuse(t, envelope.UnknownField, envelope.OpWrite, `{"no_such":1}`, "")
	s.refuse(t, envelope.Protected, envelope.OpWrite, `{"id":"01890000-0000-7000-8000-000000000000"}`, "")
	s.refuse(t, envelope.Protected, envelope.OpWrite, `{"revision":7}`, "")
	s.refuse(t, envelope.BadType, envelope.OpWrite, `[]`, "")
	s.refuse(t, envelope.UnknownField, envelope.OpFetch, `{"no_such":1}`, "")
	s.refuse(t, envelope.BadOperator, envelope.OpFetch, `{"created":{"$ne":null}}`, "")
	s.refuse(t, envelope.BadOperator, envelope.OpFetch, `{"created":{}}`, "")
	s.refuse(t, envelope.BadValue, envelope.OpFetch, `{"id":"nonsense"}`, "")
	s.refuse(t, envelope.BadCursor, envelope.OpFetch, `{}`, `{"cursor":"AAAAAAAAAAAAAAAA"}`)
	s.refuse(t, envelope.TooLarge, envelope.OpFetch, `{}`, `{"limit":100000}`)
	s.refuse(t, envelope.UnknownOption, envelope.OpWrite, `{}`, `{"limit":1}`)
	s.refuse(t, envelope.Required, envelope.OpWrite, `{}`, "")
	for i := s.declared(); i < len(s.tmpl.Fields); i++ {
		f := &s.tmpl.Fields[i]
		if f.Protected {
			s.refuse(t, envelope.Protected, envelope.OpWrite, fmt.Sprintf(`{%q:null}`, f.Public), "")
			continue
		}
		s.refuse(t, envelope.BadType, envelope.OpWrite, fmt.Sprintf(`{%q:%s}`, f.Public, wrongType(f.Type.Kind)), "")
		if f.Type.Kind == runtime.Enum {
			s.refuse(t, envelope.BadEnum, envelope.OpWrite, fmt.Sprintf(`{%q:"no such value"}`, f.Public), "")
		}
		if f.Type.Kind == runtime.String {
			s.refuse(t, envelope.BadValue, envelope.OpWrite, fmt.Sprintf(`{%q:%q}`, f.Public, strings.Repeat("x", f.Type.Max+1)), "")
			s.refuse(t, envelope.BadValue, envelope.OpWrite, fmt.Sprintf(`{%q:"a\u0000b"}`, f.Public), "")
		}
		if f.Secret {
			s.refuse(t, envelope.UnknownField, envelope.OpFetch, fmt.Sprintf(`{%q:"x"}`, f.Public), "")
			s.refuse(t, envelope.Forbidden, envelope.OpFetch, `{}`, fmt.Sprintf(`{"return":[%q]}`, f.Public))
		}
	}
	if after := s.must(envelope.OpCount, `{}`, "").Count; after != before {
		t.Errorf("refused requests changed the number of records from %d to %d", before, after)
	}
}

func wrongType(k runtime.Kind) string {
	if k == runtime.Object || k == runtime.Array {
		return `"text"`
	}
	return `{"$ne":1}`
}

func (s *subject) unique(t *testing.T) {
	for i := range s.tmpl.Indexes {
		ix := &s.tmpl.Indexes[i]
		if !ix.Unique || ix.Name == "id" {
			continue
		}
		row := s.random()
		for _, k := range ix.Keys {
			row[k.Field] = s.rows[0][k.Field]
		}
		res := s.do(envelope.OpWrite, s.data(row), "")
		if res.Err == nil || res.Err.Code != envelope.Duplicate || len(res.Err.Details) != 1 || res.Err.Details[0].Field != ix.Name {
			t.Errorf("a second record with the same %s: %v, want duplicate naming the index", ix.Name, res.Err)
		}
		s.lookups(t, ix)
	}
}

// lookups reads every record by its unique key, all at once.
func (s *subject) lookups(t *testing.T, ix *runtime.Index) {
	results := make([]envelope.Result, len(s.rows))
	var wg sync.WaitGroup
	for i, row := range s.rows {
		var data []string
		for _, k := range ix.Keys {
			f := &s.tmpl.Fields[k.Field]
			data = append(data, fmt.Sprintf("%q:%s", f.Public, runtime.AppendValue(nil, &f.Type, row[k.Field])))
		}
		wg.Go(func() { results[i] = s.do(envelope.OpFetch, "{"+strings.Join(data, ",")+"}", "") })
	}
	wg.Wait()
	for i, res := range results {
		if res.Err != nil || res.Count != 1 || res.Cursor != "" {
			t.Errorf("by %s: %d records, cursor %q, %v", ix.Name, res.Count, res.Cursor, res.Err)
			continue
		}
		s.same(t, s.records(res)[0], s.rows[i])
	}
}

// idempotency: one key, one effect, one answer.
func (s *subject) idempotency(t *testing.T) {
	row := s.random()
	key := runtime.GUID(lineage.NewV7()).String()
	first := s.doKey(envelope.OpWrite, s.data(row), "", key)
	if first.Err != nil {
		t.Fatal(first.Err)
	}
	const repeats = 8
	var wg sync.WaitGroup
	results := make([]envelope.Result, repeats)
	data := s.data(row)
	for i := range results {
		wg.Go(func() { results[i] = s.doKey(envelope.OpWrite, data, "", key) })
	}
	wg.Wait()
	for _, res := range results {
		if res.Err != nil || string(res.Data) != string(first.Data) {
			t.Errorf("a repeated key gave %s %v, want %s", res.Data, res.Err, first.Data)
		}
	}
	other := s.random()
	if res := s.doKey(envelope.OpWrite, s.data(other), "", key); res.Err == nil || res.Err.Code != envelope.KeyReused {
		t.Errorf("the key with another body gave %s %v, want key_reused", res.Data, res.Err)
	}
	copy(row, s.records(first)[0][:runtime.FieldDeleted])
	if s.tmpl.SoftDeletes() {
		row[runtime.FieldDeleted] = runtime.NullValue()
	}
	s.rows = append(s.rows, row)
	s.count(t, `{}`, len(s.rows))
}

// changeable is a field that an update can set freely.
func (s *subject) changeable() int {
	for i := s.declared(); i < len(s.tmpl.Fields); i++ {
		if f := &s.tmpl.Fields[i]; !f.Protected && !f.Secret && !s.inUnique(i) && f.Type.Kind != runtime.Boolean {
			return i
		}
	}
	return -1
}

func (s *subject) target(row runtime.Row) string {
	return fmt.Sprintf(`"id":%q,"revision":%d`, runtime.GUIDOf(row[0]), row[runtime.FieldRevision].Int)
}

func (s *subject) update(t *testing.T) {
	i := s.changeable()
	f := &s.tmpl.Fields[i]
	row := s.rows[2]
	if !s.tmpl.Behaviour.Updates {
		s.refuse(t, envelope.Unsupported, envelope.OpUpdate, fmt.Sprintf(`{%s,%q:null}`, s.target(row), f.Public), "")
		return
	}
	for range 5 {
		changed := s.random()
		b := "{" + s.target(row)
		for j := s.declared(); j < len(changed); j++ {
			if field := &s.tmpl.Fields[j]; !field.Protected && !s.inUnique(j) && s.rng.IntN(2) == 0 || j == i {
				b += fmt.Sprintf(",%q:%s", field.Public, runtime.AppendValue(nil, &field.Type, changed[j]))
				row[j] = changed[j]
			}
		}
		stale := s.target(row)
		key := runtime.GUID(lineage.NewV7()).String()
		res := s.doKey(envelope.OpUpdate, b+"}", "", key)
		if res.Err != nil {
			t.Fatalf("update %s: %v", b, res.Err)
		}
		stored := s.records(res)[0]
		row[runtime.FieldUpdated], row[runtime.FieldRevision] = stored[runtime.FieldUpdated], stored[runtime.FieldRevision]
		if again := s.doKey(envelope.OpUpdate, b+"}", "", key); again.Err != nil || string(again.Data) != string(res.Data) {
			t.Errorf("the repeated update gave %s %v, want %s", again.Data, again.Err, res.Data)
		}
		s.refuse(t, envelope.Stale, envelope.OpUpdate, fmt.Sprintf(`{%s,%q:%s}`, stale, f.Public, runtime.AppendValue(nil, &f.Type, s.value(&f.Type))), "")
	}
	got := s.records(s.must(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, runtime.GUIDOf(row[0])), ""))
	s.same(t, got[0], row)
	if row[runtime.FieldRevision].Int != 6 {
		t.Errorf("revision %d after five updates", row[runtime.FieldRevision].Int)
	}
	value := runtime.AppendValue(nil, &f.Type, s.value(&f.Type))
	s.refuse(t, envelope.NotFound, envelope.OpUpdate, fmt.Sprintf(`{"id":%q,"revision":1,%q:%s}`, runtime.GUID{}, f.Public, value), "")
	if s.tmpl.Behaviour.Locking {
		s.refuse(t, envelope.Required, envelope.OpUpdate, fmt.Sprintf(`{"id":%q,%q:%s}`, runtime.GUIDOf(row[0]), f.Public, value), "")
	}
}

func (s *subject) delete(t *testing.T) {
	row := s.rows[len(s.rows)-1]
	data := "{" + s.target(row) + "}"
	if s.tmpl.Behaviour.Deletes == runtime.DeletesNone {
		s.refuse(t, envelope.Unsupported, envelope.OpDelete, data, "")
		return
	}
	s.refuse(t, envelope.Stale, envelope.OpDelete, fmt.Sprintf(`{"id":%q,"revision":99}`, runtime.GUIDOf(row[0])), "")
	key := runtime.GUID(lineage.NewV7()).String()
	first := s.doKey(envelope.OpDelete, data, "", key)
	if first.Err != nil {
		t.Fatal(first.Err)
	}
	if again := s.doKey(envelope.OpDelete, data, "", key); again.Err != nil || string(again.Data) != string(first.Data) {
		t.Errorf("the repeated delete gave %s %v, want %s", again.Data, again.Err, first.Data)
	}
	s.refuse(t, envelope.NotFound, envelope.OpDelete, data, "")
	s.rows = s.rows[:len(s.rows)-1]
	if res := s.must(envelope.OpFetch, fmt.Sprintf(`{"id":%q}`, runtime.GUIDOf(row[0])), ""); res.Count != 0 {
		t.Errorf("a deleted record is still found")
	}
	s.count(t, `{}`, len(s.rows))
	if !s.tmpl.Behaviour.Updates {
		return
	}
	f := &s.tmpl.Fields[s.changeable()]
	s.refuse(t, envelope.NotFound, envelope.OpUpdate, fmt.Sprintf(`{%s,%q:%s}`, s.target(row), f.Public, runtime.AppendValue(nil, &f.Type, s.value(&f.Type))), "")
}

// batch: single outcomes; what one operation does never fails another's.
func (s *subject) batch(t *testing.T) {
	good, bad := s.random(), s.random()
	ops := []string{
		fmt.Sprintf(`{"op":"write","data":%s}`, s.data(good)),
		`{"op":"write","data":{"no_such":1}}`,
		fmt.Sprintf(`{"op":"fetch","data":{"id":%q}}`, runtime.GUIDOf(s.rows[0][0])),
		`{"op":"nonsense"}`,
		fmt.Sprintf(`{"op":"write","data":%s}`, s.data(bad)),
	}
	unique := slices.ContainsFunc(s.tmpl.Indexes, func(ix runtime.Index) bool { return ix.Unique && ix.Name != "id" })
	if unique { // the last operation collides with a record
		for i := range s.tmpl.Fields {
			if s.inUnique(i) && i != runtime.FieldID {
				bad[i] = s.rows[0][i]
			}
		}
		ops[4] = fmt.Sprintf(`{"op":"write","data":%s}`, s.data(bad))
	}
	res := s.must(envelope.OpBatch, "["+strings.Join(ops, ",")+"]", "")
	if res.Count != 5 {
		t.Fatalf("%d results for 5 operations: %s", res.Count, res.Data)
	}
	want := []string{`"status":"ok"`, `"code":"unknown_field"`, `"status":"ok"`, `"code":"unknown_operation"`, `"status":"ok"`}
	written := 2
	if unique {
		want[4], written = `"code":"duplicate"`, 1
	}
	for i, part := range splitResults(t, res.Data) {
		if !strings.Contains(part, want[i]) {
			t.Errorf("operation %d gave %s, want %s", i, part, want[i])
		}
	}
	if got := s.must(envelope.OpCount, `{}`, "").Count; got != int64(len(s.rows)+written) {
		t.Errorf("%d records after the batch, want %d", got, len(s.rows)+written)
	}
	long := make([]string, s.tmpl.Behaviour.MaxBatch+1)
	for i := range long {
		long[i] = `{"op":"fetch","data":{"id":` + strconv.Quote(runtime.GUID{}.String()) + `}}`
	}
	s.refuse(t, envelope.TooLarge, envelope.OpBatch, "["+strings.Join(long, ",")+"]", "")
}
