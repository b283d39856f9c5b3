package maria_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/beds-project/beds/runtime"
)

// The benchmarks call from twice as many goroutines as there are cores and report
// rows a second. Run them as
//
//	scripts/with-servers go test -run '^$' -bench . ./runtime/store/maria

func benchmark(b *testing.B, rows, seeded int, call func(d *database, ids []runtime.GUID, n int) error) {
	d := newDatabase(b)
	ids := seed(b, d, seeded)
	b.SetParallelism(2)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := call(d, ids, rows); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
	if st := d.store.Stats(); st.Retries > 0 {
		b.ReportMetric(float64(st.Retries)/float64(b.N), "retries/op")
	}
}

func BenchmarkInsert(b *testing.B) {
	for _, rows := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("x", rows), func(b *testing.B) {
			benchmark(b, rows, 0, func(d *database, _ []runtime.GUID, n int) error {
				items := make([]runtime.Insert, n)
				for i := range items {
					name := fmt.Sprint("b", os.Getpid(), "-", serial.Add(1))
					items[i] = parcel(d.parcel, name)
				}
				out, err := d.store.Insert(context.Background(), d.parcel, items, false)
				for _, o := range out {
					if o.Code != "" {
						return fmt.Errorf("outcome %+v", o)
					}
				}
				return err
			})
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	for _, rows := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("x", rows), func(b *testing.B) {
			benchmark(b, rows, 20000, func(d *database, ids []runtime.GUID, n int) error {
				us := make([]runtime.Update, n)
				for i := range us {
					k := serial.Add(1)
					us[i] = changeOf(d.parcel, fmt.Sprint("u", k), ids[int(k)%len(ids)], 0, set{"items": num(int64(k)), "note": str("new words")})
				}
				out, err := d.store.Update(context.Background(), d.parcel, us, false)
				for _, o := range out {
					if o.Code != "" {
						return fmt.Errorf("outcome %+v", o)
					}
				}
				return err
			})
		})
	}
}

func BenchmarkGet(b *testing.B) {
	for _, rows := range []int{1, 16, 64} {
		b.Run(fmt.Sprint("x", rows), func(b *testing.B) {
			benchmark(b, rows, 20000, func(d *database, ids []runtime.GUID, n int) error {
				want := make([]runtime.GUID, n)
				for i := range want {
					want[i] = ids[int(serial.Add(7919))%len(ids)]
				}
				got, err := d.store.Get(context.Background(), d.parcel, want)
				if err == nil && len(got) != n {
					return fmt.Errorf("%d rows", len(got))
				}
				return err
			})
		})
	}
}

func BenchmarkFind(b *testing.B) {
	benchmark(b, 10, 5000, func(d *database, _ []runtime.GUID, n int) error {
		ix := &d.parcel.Indexes[1] // customer_placed
		_, err := d.store.Find(context.Background(), d.parcel, &runtime.Find{Index: ix, Sort: append(ix.Keys, runtime.Key{Field: runtime.FieldID}), Limit: n})
		return err
	})
}

// parcel is a record of ten fields.
func parcel(t *runtime.Template, name string) runtime.Insert {
	return insertOf(t, "insert "+name, set{
		"number": str(name), "customer": newID().Value(), "state": str("open"), "total": str("12.34"), "placed": num(baseTime),
		"due": str("2026-01-31"), "items": num(3), "paid": num(0), "note": str("leave it at the neighbour's"), "meta": str(`{"gift":true}`),
	})
}

// seed fills the table.
func seed(b *testing.B, d *database, n int) []runtime.GUID {
	var ids []runtime.GUID
	var items []runtime.Insert
	for range n {
		in := parcel(d.parcel, fmt.Sprint("s", serial.Add(1)))
		ids = append(ids, idOf(in))
		items = append(items, in)
	}
	if n > 0 {
		d.insertAll(b, d.parcel, items...)
	}
	return ids
}
