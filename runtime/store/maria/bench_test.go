package maria_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/beds-project/beds/runtime"
)

// The benchmarks keep 8 connections busy and report rows a second. Run them as
//
//	scripts/with-servers go test -run '^$' -bench . ./runtime/store/maria

func benchmark(b *testing.B, rows, seeded int, call func(d *database, ids []runtime.GUID, n int) error) {
	d := newDatabase(b)
	ids := seed(b, d, seeded)
	b.SetParallelism(4)
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
}

func BenchmarkInsert(b *testing.B) {
	for _, rows := range []int{1, 16, 256} {
		b.Run(fmt.Sprint("x", rows), func(b *testing.B) {
			benchmark(b, rows, 0, func(d *database, _ []runtime.GUID, n int) error {
				items := make([]runtime.Insert, n)
				for i := range items {
					name := fmt.Sprint("b", os.Getpid(), "-", serial.Add(1))
					items[i] = dish(d.kitchen, name, set{
						"group": str("group"), "count": num(12345), "price": str("12.3400000000"), "at": num(baseTime),
						"day": str("2026-01-31"), "flag": num(1), "text": str("some words about it"), "meta": str(`{"a":1}`),
					})
				}
				out, err := d.store.Insert(context.Background(), d.kitchen, items, false)
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
					us[i] = changeOf(d.kitchen, fmt.Sprint("u", k), ids[int(k)%len(ids)], 0, set{"rank": num(int64(k)), "text": str("new words")})
				}
				out, err := d.store.Update(context.Background(), d.kitchen, us, false)
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
				got, err := d.store.Get(context.Background(), d.kitchen, want)
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
		ix := &d.kitchen.Indexes[len(d.kitchen.Indexes)-1]
		_, err := d.store.Find(context.Background(), d.kitchen, &runtime.Find{Index: ix, Sort: append(ix.Keys, runtime.Key{Field: runtime.FieldID}), Limit: n})
		return err
	})
}

// seed fills the table.
func seed(b *testing.B, d *database, n int) []runtime.GUID {
	var ids []runtime.GUID
	var items []runtime.Insert
	for range n {
		in := dish(d.kitchen, fmt.Sprint("s", serial.Add(1)), set{"group": str("group"), "text": str("some words"), "at": num(baseTime), "price": str("1.0000000000")})
		ids = append(ids, idOf(in))
		items = append(items, in)
	}
	if n > 0 {
		d.insertAll(b, d.kitchen, items...)
	}
	return ids
}
