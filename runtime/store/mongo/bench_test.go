package mongo

import (
	"fmt"
	"testing"

	beds "github.com/beds-project/beds/runtime"
)

// The rates are of records; one call serves as many as the name says.

func BenchmarkGet(b *testing.B) {
	s := openTest(b)
	items := make([]beds.Insert, 256)
	for i := range items {
		items[i] = newThing(map[int]beds.Value{name: beds.StrValue("a name"), number_: beds.IntValue(int64(i))})
	}
	ids := insertAll(b, s, thing, items...)
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprintf("x%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				at := i * n % (len(ids) - n + 1)
				rows, err := s.Get(b.Context(), thing, ids[at:at+n])
				if err != nil || len(rows) != n {
					b.Fatal(len(rows), err)
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkInsert(b *testing.B) {
	s := openTest(b)
	for _, n := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("x%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				items := make([]beds.Insert, n)
				for i := range items {
					items[i] = newThing(map[int]beds.Value{name: beds.StrValue("a name")})
				}
				insertAll(b, s, thing, items...)
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := openTest(b)
	ids := insertAll(b, s, thing, newThing(nil), newThing(nil), newThing(nil), newThing(nil), newThing(nil), newThing(nil), newThing(nil), newThing(nil))
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("x%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				items := make([]beds.Update, n)
				for i := range items {
					items[i] = changeOf(ids[i], name, beds.StrValue("another name"))
				}
				if _, err := s.Update(b.Context(), thing, items, false); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkEncode and BenchmarkDecode are our own part of a write and a read.
func BenchmarkEncode(b *testing.B) {
	p := newPlan(thing)
	row := newThing(map[int]beds.Value{name: beds.StrValue("a name"), amount: beds.StrValue("12.3000"), seen: beds.IntValue(now)}).Row
	b.ReportAllocs()
	for b.Loop() {
		w := newWriter(1024)
		root := w.open()
		w.record(p, row, &claim{})
		w.close(root)
	}
}

func BenchmarkDecode(b *testing.B) {
	p := newPlan(thing)
	w := newWriter(1024)
	root := w.open()
	w.record(p, newThing(map[int]beds.Value{name: beds.StrValue("a name"), amount: beds.StrValue("12.3000"), seen: beds.IntValue(now)}).Row, &claim{})
	w.close(root)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.decodeRow(string(w.b)); err != nil {
			b.Fatal(err)
		}
	}
}
