//go:build !race

package cache

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
)

// row is a record with a unique address and some text.
func row(n int, text string) runtime.Row {
	r := make(runtime.Row, fieldCount)
	r[runtime.FieldID], r[runtime.FieldRevision] = runtime.GUID(lineage.NewV7()).Value(), runtime.IntValue(1)
	r[email], r[name] = runtime.StrValue(fmt.Sprintf("%d@example.com", n)), runtime.StrValue(text)
	return r
}

// heap is what the heap's objects take after a collection.
func heap() int64 {
	debug.FreeOSMemory()
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// TestBoundHolds fills a small cache with a million records from several goroutines:
// both bounds hold all the time, and the memory taken is what is accounted.
func TestBoundHolds(t *testing.T) {
	for cfg, keys := range map[Config]int64{{Entries: 1 << 20, Bytes: 8 << 20}: 1_000_000, {Entries: 5_000, Bytes: 1 << 30}: 50_000} {
		before := heap()
		s, _, _ := single(t, cfg, time.Hour)
		var wg sync.WaitGroup
		for g := range 4 {
			wg.Go(func() {
				for i := range int(keys) / 4 {
					s.cache.put(s.table, row(g<<20|i, "Ada Lovelace, of the Analytical Engine"), 0, 0)
				}
			})
		}
		wg.Wait()
		st := s.cache.Stats()
		if st.Bytes > cfg.Bytes || st.Entries > int64(cfg.Entries) || st.Entries < 1000 || st.Evicted+st.Entries != keys {
			t.Errorf("%+v: %+v", cfg, st)
		}
		references := 0
		for i := range s.cache.refs {
			references += len(s.cache.refs[i].ids)
		}
		if int64(references) != st.Entries {
			t.Errorf("%d references to %d records", references, st.Entries)
		}
		if taken := heap() - before; taken > st.Bytes*3/2+1<<20 {
			t.Errorf("%d bytes are accounted, %d taken", st.Bytes, taken)
		}
		s.cache.Stats() // alive until here
	}
}

func TestTooLargeIsNotKept(t *testing.T) {
	s, _, _ := single(t, Config{Entries: 1000, Bytes: stripeCount << 10}, time.Hour)
	s.cache.put(s.table, row(1, strings.Repeat("x", 2<<10)), 0, 0)
	if st := s.cache.Stats(); st.Entries != 0 || st.Bytes != 0 {
		t.Errorf("%+v", st)
	}
}

// A scan over records that are read once does not evict those that are read often.
func TestScanEvictsItself(t *testing.T) {
	s, m, _ := single(t, Config{Entries: stripeCount * 16, Bytes: 64 << 20}, time.Hour)
	var often []runtime.GUID
	for i := range stripeCount * 4 {
		often = append(often, m.insert(fmt.Sprint(i)))
		get(t, s, often[i])
	}
	for i := range 20_000 {
		s.cache.put(s.table, row(i, "scanned"), 0, 0)
		get(t, s, often[i%len(often)])
	}
	m.reads = 0
	for _, id := range often {
		get(t, s, id)
	}
	if m.reads > len(often)/10 {
		t.Errorf("%d of %d records that are read often were evicted", m.reads, len(often))
	}
}

// What is kept holds no memory of the store's, such as the rest of a document.
func TestRecordsAreCopies(t *testing.T) {
	doc := "id address secret"
	r := row(1, doc[3:10])
	r[email] = runtime.StrValue(doc[3:10])
	own, text := compact(r)
	if own[name] != r[name] || own[email] != r[email] || own[runtime.FieldID] != r[runtime.FieldID] || text != 16+7+7 {
		t.Errorf("%+v, %d bytes", own, text)
	}
	if unsafe.StringData(own[name].Str) == unsafe.StringData(r[name].Str) {
		t.Error("a text is part of the store's buffer")
	}
}
