package maria_test

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

func TestWrites(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	k := d.kitchen

	t.Run("insert one and replay", func(t *testing.T) {
		in := dish(k, "one", nil)
		first, err := d.store.Insert(ctx, k, []runtime.Insert{in}, false)
		if err != nil {
			t.Fatal(err)
		}
		wantCodes(t, first, "")
		again := in
		again.Row = append(runtime.Row(nil), in.Row...)
		again.Row[runtime.FieldID] = newID().Value() // another delivery makes another id
		second, err := d.store.Insert(ctx, k, []runtime.Insert{again}, false)
		if err != nil {
			t.Fatal(err)
		}
		first[0].Replayed = true
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("replay gives\n%+v, want\n%+v", second, first)
		}
		again.Hash[0]++
		third, err := d.store.Insert(ctx, k, []runtime.Insert{again}, false)
		if err != nil {
			t.Fatal(err)
		}
		wantCodes(t, third, envelope.KeyReused)
	})

	t.Run("neighbours are unharmed", func(t *testing.T) {
		d.insertAll(t, k, dish(k, "taken", nil), dish(k, "before", nil))
		bad := dish(k, "bad", set{"state": str("no such state")})
		items := []runtime.Insert{dish(k, "n1", nil), dish(k, "n2", set{"name": str("taken")}), bad, dish(k, "n3", nil), dish(k, "before", nil)}
		items[4].Row[fieldOf(k, "name")] = str("whatever") // same key and hash: a replay
		outcomes, err := d.store.Insert(ctx, k, items, false)
		if err != nil {
			t.Fatal(err)
		}
		wantCodes(t, outcomes, "", envelope.Duplicate, envelope.BadValue, "", "")
		if outcomes[1].Detail != "name" || !outcomes[4].Replayed || outcomes[0].Replayed {
			t.Fatalf("outcomes %+v", outcomes)
		}
		if d.fetch(t, k, idOf(items[0])) == nil || d.fetch(t, k, idOf(items[3])) == nil || d.fetch(t, k, idOf(items[1])) != nil {
			t.Fatal("wrong records are there")
		}
		// A failed write leaves no record of its key: it may succeed later.
		items[1].Row[fieldOf(k, "name")] = str("free")
		outcomes, err = d.store.Insert(ctx, k, items[1:2], false)
		if err != nil {
			t.Fatal(err)
		}
		wantCodes(t, outcomes, "")
	})

	t.Run("all or nothing", func(t *testing.T) {
		items := []runtime.Insert{dish(k, "a1", nil), dish(k, "a2", set{"name": str("taken")}), dish(k, "a3", nil)}
		outcomes, err := d.store.Insert(ctx, k, items, true)
		if err != nil {
			t.Fatal(err)
		}
		wantCodes(t, outcomes, envelope.Aborted, envelope.Duplicate, envelope.Aborted)
		if d.fetch(t, k, idOf(items[0])) != nil {
			t.Fatal("an aborted record is there")
		}
		items[1].Row[fieldOf(k, "name")] = str("a2")
		if outcomes, err = d.store.Insert(ctx, k, items, true); err != nil {
			t.Fatal(err)
		}
		wantCodes(t, outcomes, "", "", "")
	})

	t.Run("the same key twice in a call", func(t *testing.T) {
		a := dish(k, "twice", nil)
		b := dish(k, "twice", nil)
		b.Hash[3]++
		outcomes, err := d.store.Insert(ctx, k, []runtime.Insert{a, a, b}, false)
		if err != nil {
			t.Fatal(err)
		}
		codes := map[envelope.Code]int{}
		for _, o := range outcomes {
			codes[o.Code]++
		}
		if codes[""]+codes[envelope.KeyReused] != 3 || codes[""] == 0 {
			t.Fatalf("outcomes %+v", outcomes)
		}
	})

	t.Run("more than one call holds", func(t *testing.T) {
		var items []runtime.Insert
		for i := range 2500 {
			items = append(items, dish(k, fmt.Sprintf("many %d", i), nil))
		}
		d.insertAll(t, k, items...)
	})
}

func TestUpdates(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	k := d.kitchen
	a, b, c := dish(k, "a", set{"count": num(7)}), dish(k, "b", nil), dish(k, "c", nil)
	d.insertAll(t, k, a, b, c)
	update := func(t *testing.T, atomic bool, items ...runtime.Update) []runtime.Outcome {
		t.Helper()
		out, err := d.store.Update(ctx, k, items, atomic)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	rank := fieldOf(k, "rank")

	t.Run("one", func(t *testing.T) {
		u := changeOf(k, "u1", idOf(a), 1, set{"rank": num(5), "text": str("it's"), "count": runtime.NullValue()})
		out := update(t, false, u)
		wantCodes(t, out, "")
		want := runtime.Outcome{ID: idOf(a), Created: a.Row[runtime.FieldCreated].Int, Updated: u.Now, Revision: 2}
		if out[0] != want {
			t.Fatalf("outcome %+v, want %+v", out[0], want)
		}
		row := d.fetch(t, k, idOf(a))
		if row[rank].Int != 5 || row[fieldOf(k, "text")].Str != "it's" || row[fieldOf(k, "count")].State != runtime.Null || row[fieldOf(k, "name")].Str != "a" {
			t.Fatal(describe(row))
		}
		out = update(t, false, u)
		want.Replayed = true
		if out[0] != want {
			t.Fatalf("replay %+v, want %+v", out[0], want)
		}
		u.Hash[0]++
		wantCodes(t, update(t, false, u), envelope.KeyReused)
	})

	t.Run("stale, missing and duplicate among others", func(t *testing.T) {
		out := update(t, false,
			changeOf(k, "u2", idOf(a), 1, set{"rank": num(9)}),
			changeOf(k, "u3", newID(), 0, set{"rank": num(9)}),
			changeOf(k, "u4", idOf(b), 1, set{"name": str("c")}),
			changeOf(k, "u5", idOf(c), 1, set{"rank": num(3)}),
			changeOf(k, "u6", idOf(c), 0, set{"rank": num(4)}), // the same record twice in a call
		)
		wantCodes(t, out, envelope.Stale, envelope.NotFound, envelope.Duplicate, "", "")
		if out[0].Revision != 2 || out[2].Detail != "name" || out[4].Revision != 3 {
			t.Fatalf("outcomes %+v", out)
		}
		if row := d.fetch(t, k, idOf(c)); row[rank].Int != 4 || row[runtime.FieldRevision].Int != 3 {
			t.Fatal(describe(row))
		}
	})

	t.Run("many at once", func(t *testing.T) {
		us := []runtime.Update{
			changeOf(k, "u7", idOf(c), 3, set{"rank": num(30)}),
			changeOf(k, "u8", idOf(a), 0, set{"text": runtime.NullValue()}),
			changeOf(k, "u9", idOf(b), 1, set{"rank": num(20), "meta": str(`{"a":[1,"it's \" \\"]}`)}),
		}
		out := update(t, true, us...)
		wantCodes(t, out, "", "", "")
		for i, u := range us {
			if out[i].ID != u.ID || out[i].Updated != u.Now {
				t.Fatalf("outcome %d is %+v", i, out[i])
			}
		}
		if row := d.fetch(t, k, idOf(b)); row[fieldOf(k, "meta")].Str != `{"a":[1,"it's \" \\"]}` || row[rank].Int != 20 {
			t.Fatal(describe(row))
		}
		again := update(t, true, us...)
		for i := range again {
			out[i].Replayed = true
			if again[i] != out[i] {
				t.Fatalf("replay %+v, want %+v", again[i], out[i])
			}
		}
		aborted := update(t, true, changeOf(k, "ua", idOf(a), 0, set{"rank": num(1)}), changeOf(k, "ub", idOf(b), 99, set{"rank": num(1)}))
		wantCodes(t, aborted, envelope.Aborted, envelope.Stale)
		if row := d.fetch(t, k, idOf(a)); row[rank].Int == 1 {
			t.Fatal("an aborted update took effect")
		}
	})
}

func TestDeletes(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	for _, tmpl := range []*runtime.Template{d.kitchen, d.entry} {
		t.Run(tmpl.Name, func(t *testing.T) {
			var items []runtime.Insert
			for i := range 4 {
				name := fmt.Sprint("del ", i)
				if tmpl == d.kitchen {
					items = append(items, dish(tmpl, name, nil))
				} else {
					items = append(items, insertOf(tmpl, name, set{"word": str(name)}))
				}
			}
			d.insertAll(t, tmpl, items...)
			del := func(k string, id runtime.GUID, revision int64) runtime.Delete {
				return runtime.Delete{RequestKey: key(k), ID: id, Revision: revision, Now: baseTime + 99}
			}
			run := func(list ...runtime.Delete) []runtime.Outcome {
				out, err := d.store.Delete(ctx, tmpl, list, false)
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			out := run(del("d0", idOf(items[0]), 1))
			wantCodes(t, out, "")
			if out[0].Revision != 2 || out[0].Updated != baseTime+99 {
				t.Fatalf("%+v", out)
			}
			if d.fetch(t, tmpl, idOf(items[0])) != nil {
				t.Fatal("the record is still there")
			}
			if out = run(del("d0", idOf(items[0]), 1)); !out[0].Replayed || out[0].Code != "" {
				t.Fatalf("%+v", out)
			}
			wantCodes(t, run(del("d1", idOf(items[0]), 0), del("d2", idOf(items[1]), 7), del("d3", idOf(items[2]), 0)), envelope.NotFound, envelope.Stale, "")
			wantCodes(t, run(del("d4", idOf(items[1]), 1), del("d5", idOf(items[3]), 0)), "", "")
		})
	}
	_, err := d.store.Update(ctx, d.entry, nil, false)
	wantError(t, err, envelope.Unsupported)
}

// TestConcurrentKey sends one key from many sides at once: one effect, and the
// same result for everybody.
func TestConcurrentKey(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	k := d.kitchen
	a := dish(k, "contended", nil)
	d.insertAll(t, k, a)
	for round := range 30 {
		const sides = 8
		results := make([][]runtime.Outcome, sides)
		var wg sync.WaitGroup
		for side := range sides {
			wg.Go(func() {
				var err error
				if round%2 == 0 {
					in := dish(k, fmt.Sprint("round ", round), nil)
					other := dish(k, fmt.Sprint("other ", round, side), nil)
					results[side], err = d.store.Insert(ctx, k, []runtime.Insert{in, other}, false)
				} else {
					u := changeOf(k, fmt.Sprint("round ", round), idOf(a), 0, set{"rank": num(int64(round))})
					results[side], err = d.store.Update(ctx, k, []runtime.Update{u}, false)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		fresh := 0
		for _, r := range results {
			if r[0].Code != "" || r[0].ID != results[0][0].ID || r[0].Revision != results[0][0].Revision {
				t.Fatalf("round %d: %+v and %+v", round, r[0], results[0][0])
			}
			if !r[0].Replayed {
				fresh++
			}
		}
		if fresh != 1 {
			t.Fatalf("round %d took effect %d times", round, fresh)
		}
	}
	if row := d.fetch(t, k, idOf(a)); row[runtime.FieldRevision].Int != 16 {
		t.Fatalf("revision %d after 15 updates", row[runtime.FieldRevision].Int)
	}
}
