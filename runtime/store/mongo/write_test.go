package mongo

import (
	"errors"
	"fmt"
	"testing"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// modes runs a test in both ways of changing records. FerretDB answers the guarded
// way too, though not safely between connections.
func modes(t *testing.T, f func(t *testing.T, s *Store)) {
	for name, locked := range map[string]bool{"locked": true, "guarded": false} {
		t.Run(name, func(t *testing.T) {
			s := openTest(t)
			s.locked = locked
			f(t, s)
		})
	}
}

func update(t testing.TB, s *Store, u ...beds.Update) []beds.Outcome {
	t.Helper()
	o, err := s.Update(t.Context(), thing, u, false)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func remove(t testing.TB, s *Store, tmpl *beds.Template, d ...beds.Delete) []beds.Outcome {
	t.Helper()
	o, err := s.Delete(t.Context(), tmpl, d, false)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// same compares results without Replayed, which it wants.
func same(t testing.TB, what string, first, again beds.Outcome) {
	t.Helper()
	first.Replayed = true
	if first != again {
		t.Errorf("%s: the second delivery got %+v, the first %+v", what, again, first)
	}
}

func TestInsertTwiceIsOneRecord(t *testing.T) {
	s := openTest(t)
	in := newThing(nil)
	first, err := s.Insert(t.Context(), thing, []beds.Insert{in}, false)
	if err != nil {
		t.Fatal(err)
	}
	again := newThing(map[int]beds.Value{code: in.Row[code]})
	again.RequestKey = in.RequestKey
	again.Row[beds.FieldCreated] = beds.IntValue(now + 5)
	second, err := s.Insert(t.Context(), thing, []beds.Insert{again, again}, false)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "insert", first[0], second[0])
	same(t, "insert", first[0], second[1])
	again.Hash[0]++
	third, err := s.Insert(t.Context(), thing, []beds.Insert{again}, false)
	if err != nil || third[0].Code != envelope.KeyReused {
		t.Errorf("another body got %+v, %v", third, err)
	}
	if n, _ := s.Count(t.Context(), thing, &beds.Find{}); n != 1 {
		t.Errorf("%d records", n)
	}
}

func TestDuplicatesHarmNoNeighbour(t *testing.T) {
	s := openTest(t)
	taken := newThing(map[int]beds.Value{code: beds.StrValue("taken")})
	insertAll(t, s, thing, taken)
	dup := func() beds.Insert { return newThing(map[int]beds.Value{code: beds.StrValue("taken")}) }
	items := []beds.Insert{newThing(nil), dup(), newThing(nil), dup(), newThing(nil)}
	for range 2 { // a failed key may try again, and fails again
		o, err := s.Insert(t.Context(), thing, items, false)
		if err != nil {
			t.Fatal(err)
		}
		for i := range o {
			switch {
			case i%2 == 0 && o[i].Code != "":
				t.Errorf("neighbour %d: %+v", i, o[i])
			case i%2 == 1 && (o[i].Code != envelope.Duplicate || o[i].Detail != "code"):
				t.Errorf("duplicate %d: %+v", i, o[i])
			}
		}
	}
	if n, _ := s.Count(t.Context(), thing, &beds.Find{}); n != 4 {
		t.Errorf("%d records, want 4", n)
	}
}

func TestUpdateOntoATakenValueIsADuplicate(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		ids := insertAll(t, s, thing, newThing(map[int]beds.Value{code: beds.StrValue("a")}), newThing(map[int]beds.Value{code: beds.StrValue("b")}))
		o := update(t, s, changeOf(ids[1], code, beds.StrValue("a")), changeOf(ids[0], name, beds.StrValue("x")))
		if o[0].Code != envelope.Duplicate || o[0].Detail != "code" || o[1].Code != "" {
			t.Errorf("%+v", o)
		}
		if row := get(t, s, thing, ids[1]); row[code].Str != "b" || row[beds.FieldRevision].Int != 1 {
			t.Errorf("the record was changed: %v", row)
		}
	})
}

func TestUpdate(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		id := insertAll(t, s, thing, newThing(map[int]beds.Value{name: beds.StrValue("before"), number_: beds.IntValue(1), secret: beds.StrValue("s")}))[0]
		u := changeOf(id, name, beds.StrValue("after"))
		u.Revision = 1
		u.Row[number_] = beds.NullValue()
		first := update(t, s, u)[0]
		if want := (beds.Outcome{ID: id, Created: now, Updated: u.Now, Revision: 2}); first != want {
			t.Errorf("%+v, want %+v", first, want)
		}
		row := get(t, s, thing, id)
		if row[name].Str != "after" || row[number_].State != beds.Null || row[beds.FieldRevision].Int != 2 || row[beds.FieldUpdated].Int != u.Now {
			t.Errorf("%v", row)
		}
		same(t, "update", first, update(t, s, u)[0])
		stale := changeOf(id, name, beds.StrValue("never"))
		stale.Revision = 1
		if o := update(t, s, stale)[0]; o.Code != envelope.Stale || o.Revision != 2 {
			t.Errorf("stale: %+v", o)
		}
		if o := update(t, s, changeOf(newID(), name, beds.StrValue("never")))[0]; o.Code != envelope.NotFound {
			t.Errorf("absent: %+v", o)
		}
		u.Hash[3]++
		if o := update(t, s, u)[0]; o.Code != envelope.KeyReused {
			t.Errorf("reused: %+v", o)
		}
		if row := get(t, s, thing, id); row[name].Str != "after" || row[beds.FieldRevision].Int != 2 {
			t.Errorf("%v", row)
		}
	})
}

func TestUpdatesOfOneRecordInABatchRunInOrder(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		id := insertAll(t, s, thing, newThing(nil))[0]
		var items []beds.Update
		for i := range 20 {
			items = append(items, changeOf(id, number_, beds.IntValue(int64(i))))
		}
		for i, o := range update(t, s, items...) {
			if o.Code != "" || o.Revision != int64(i)+2 {
				t.Errorf("%d: %+v", i, o)
			}
		}
		if got := get(t, s, thing, id)[number_].Int; got != 19 {
			t.Errorf("the last value is %d", got)
		}
	})
}

func TestSoftDelete(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		id := insertAll(t, s, thing, newThing(nil))[0]
		d := beds.Delete{RequestKey: uniqueKey(), ID: id, Revision: 1, Now: now + 7}
		first := remove(t, s, thing, d)[0]
		if want := (beds.Outcome{ID: id, Created: now, Updated: now + 7, Revision: 2}); first != want {
			t.Errorf("%+v, want %+v", first, want)
		}
		same(t, "delete", first, remove(t, s, thing, d)[0])
		d.RequestKey = uniqueKey()
		if o := remove(t, s, thing, d)[0]; o.Code != envelope.NotFound {
			t.Errorf("another key: %+v", o)
		}
		if o := update(t, s, changeOf(id, name, beds.StrValue("x")))[0]; o.Code != envelope.NotFound {
			t.Errorf("update of a deleted record: %+v", o)
		}
	})
}

func TestHardDelete(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		in := newNote("a")
		id := insertAll(t, s, note, in)[0]
		stale := beds.Delete{RequestKey: uniqueKey(), ID: id, Revision: 9, Now: now}
		if o := remove(t, s, note, stale)[0]; o.Code != envelope.Stale || o.Revision != 1 {
			t.Errorf("stale: %+v", o)
		}
		d := beds.Delete{RequestKey: uniqueKey(), ID: id, Now: now + 7}
		first := remove(t, s, note, d)[0]
		if first.Code != "" || get(t, s, note, id) != nil {
			t.Errorf("%+v", first)
		}
		same(t, "delete", first, remove(t, s, note, d)[0])
		if o := remove(t, s, note, beds.Delete{RequestKey: uniqueKey(), ID: id, Now: now})[0]; o.Code != envelope.NotFound {
			t.Errorf("another key: %+v", o)
		}
		// A late delivery of the insert must not bring the record back.
		o, err := s.Insert(t.Context(), note, []beds.Insert{in}, false)
		if err != nil || !o[0].Replayed || o[0].ID != id || get(t, s, note, id) != nil {
			t.Errorf("the insert came again: %+v, %v", o, err)
		}
	})
}

// TestCrashBetweenStepsIsSettled leaves out what a dead node would have done last.
func TestCrashBetweenStepsIsSettled(t *testing.T) {
	modes(t, func(t *testing.T, s *Store) {
		ctx := t.Context()
		// An insert that died after its claim.
		in := newThing(nil)
		c := newClaim(thing, &in.RequestKey, opInsert, beds.GUIDOf(in.Row[0]))
		c.created, c.updated, c.revision = now, now, 1
		if err := s.claimAll(ctx, []claim{c}); err != nil {
			t.Fatal(err)
		}
		again := in
		again.Row = append(beds.Row(nil), in.Row...)
		again.Row[0] = newID().Value()
		id := insertAll(t, s, thing, again)[0]
		if id != c.record || get(t, s, thing, id) == nil {
			t.Error("the second delivery did not take the first one's record")
		}
		// An update that died after its effect.
		u := changeOf(id, number_, beds.IntValue(7))
		first := update(t, s, u)[0]
		reopen(t, s, thing, u.RequestKey)
		update(t, s, changeOf(id, name, beds.StrValue("later")))
		same(t, "update", first, update(t, s, u)[0])
		// So long ago that the record has forgotten: nobody knows.
		reopen(t, s, thing, u.RequestKey)
		for i := range maxEvents {
			v := changeOf(id, number_, beds.IntValue(int64(i)))
			v.Now = time.Now().UnixMicro() + 10_000_000
			update(t, s, v)
		}
		// FerretDB's $push has no $slice, so there the guarded way forgets nothing.
		if o := update(t, s, u)[0]; o.Code != envelope.Unknown && (s.locked || !s.ferretDB || o.Revision != 2) {
			t.Errorf("a forgotten update: %+v", o)
		}
		// A hard delete that died before and after the record went.
		other := insertAll(t, s, note, newNote("n"))[0]
		d := beds.Delete{RequestKey: uniqueKey(), ID: other, Now: now}
		gone := remove(t, s, note, d)[0]
		reopen(t, s, note, d.RequestKey)
		same(t, "delete", gone, remove(t, s, note, d)[0])
	})
}

// reopen takes the completion of a claim back.
func reopen(t *testing.T, s *Store, tmpl *beds.Template, k beds.RequestKey) {
	t.Helper()
	c := claim{id: tmpl.Name + "/" + k.Key, found: true}
	claims := []claim{c}
	if err := s.readClaims(t.Context(), claims, []string{c.id}); err != nil {
		t.Fatal(err)
	}
	claims[0].done = false
	if err := s.store(t.Context(), []*claim{&claims[0]}); err != nil {
		t.Fatal(err)
	}
}

func TestOneKeyAtTheSameMomentHasOneEffect(t *testing.T) {
	s := openTest(t)
	nodes := []*Store{s, second(t, s)}
	for round := range 5 {
		in := newThing(nil)
		outcomes := make([]beds.Outcome, 6)
		together(len(outcomes), func(i int) {
			mine := in
			mine.Row = append(beds.Row(nil), in.Row...)
			mine.Row[0] = newID().Value()
			o, err := nodes[i%2].Insert(t.Context(), thing, []beds.Insert{mine}, false)
			if err != nil {
				t.Error(err)
				return
			}
			outcomes[i] = o[0]
		})
		agree(t, "insert", outcomes)
		id := outcomes[0].ID
		u := changeOf(id, number_, beds.IntValue(int64(round)))
		together(len(outcomes), func(i int) {
			o, err := nodes[i%2].Update(t.Context(), thing, []beds.Update{u}, false)
			if err != nil {
				t.Error(err)
				return
			}
			outcomes[i] = o[0]
		})
		agree(t, "update", outcomes)
		if row := get(t, s, thing, id); row[beds.FieldRevision].Int != 2 {
			t.Errorf("revision %d", row[beds.FieldRevision].Int)
		}
	}
	if n, _ := s.Count(t.Context(), thing, &beds.Find{}); n != 5 {
		t.Errorf("%d records", n)
	}
}

func agree(t *testing.T, what string, outcomes []beds.Outcome) {
	t.Helper()
	for i, o := range outcomes {
		o.Replayed = outcomes[0].Replayed
		if o != outcomes[0] || o.Code != "" {
			t.Errorf("%s %d: %+v, another got %+v", what, i, o, outcomes[0])
		}
	}
}

func TestNoUpdateIsLostBetweenNodes(t *testing.T) {
	s := openTest(t)
	nodes := []*Store{s, second(t, s)}
	id := insertAll(t, s, thing, newThing(nil))[0]
	const each, workers = 8, 6
	revisions := make(chan int64, each*workers)
	together(workers, func(w int) {
		for range each {
			o, err := nodes[w%2].Update(t.Context(), thing, []beds.Update{changeOf(id, number_, beds.IntValue(1))}, false)
			if err != nil || o[0].Code != "" {
				t.Error(o, err)
				return
			}
			revisions <- o[0].Revision
		}
	})
	close(revisions)
	seen := map[int64]bool{}
	for r := range revisions {
		if seen[r] {
			t.Errorf("revision %d was given twice", r)
		}
		seen[r] = true
	}
	if got := get(t, s, thing, id)[beds.FieldRevision].Int; got != each*workers+1 {
		t.Errorf("revision %d after %d updates", got, each*workers)
	}
}

func TestStaleUpdatesAtTheSameMomentHaveOneWinner(t *testing.T) {
	s := openTest(t)
	nodes := []*Store{s, second(t, s)}
	id := insertAll(t, s, thing, newThing(nil))[0]
	codes := make([]envelope.Code, 8)
	together(len(codes), func(i int) {
		u := changeOf(id, number_, beds.IntValue(int64(i)))
		u.Revision = 1
		o, err := nodes[i%2].Update(t.Context(), thing, []beds.Update{u}, false)
		if err != nil {
			t.Error(err)
			return
		}
		codes[i] = o[0].Code
	})
	won := 0
	for _, c := range codes {
		switch c {
		case "":
			won++
		case envelope.Stale:
		default:
			t.Errorf("outcome %s", c)
		}
	}
	if won != 1 {
		t.Errorf("%d of %d won", won, len(codes))
	}
}

func TestLargeBatches(t *testing.T) {
	s := openTest(t)
	items := make([]beds.Insert, 300)
	for i := range items {
		items[i] = newThing(map[int]beds.Value{number_: beds.IntValue(int64(i))})
	}
	ids := insertAll(t, s, thing, items...)
	rows, err := s.Get(t.Context(), thing, ids)
	if err != nil || len(rows) != len(ids) {
		t.Errorf("%d records, %v", len(rows), err)
	}
	// More than one command, and more than one answer, can hold.
	text := beds.StrValue(string(make([]byte, 0, 1<<20)) + fmt.Sprintf("%01048576d", 7))
	items = items[:0]
	for range 30 {
		items = append(items, newThing(map[int]beds.Value{long: text, name: beds.StrValue("large")}))
	}
	insertAll(t, s, thing, items...)
	find := beds.Find{Terms: []beds.Term{{Field: name, Op: beds.Eq, Value: beds.StrValue("large")}}, Sort: []beds.Key{{Field: name}, {Field: beds.FieldID}}}
	if rows := page(t, s, find, 100); len(rows) != 30 || rows[29][long] != text {
		t.Errorf("%d large records", len(rows))
	}
}

func TestAtomicBatchesAreNotOffered(t *testing.T) {
	s := openTest(t)
	_, e1 := s.Insert(t.Context(), thing, []beds.Insert{newThing(nil)}, true)
	_, e2 := s.Update(t.Context(), thing, nil, true)
	_, e3 := s.Delete(t.Context(), thing, nil, true)
	_, e4 := s.Object(t.Context(), thing, "x", nil)
	for _, err := range []error{e1, e2, e3, e4} {
		if !errors.Is(err, &envelope.Error{Code: envelope.Unsupported}) {
			t.Errorf("%v", err)
		}
	}
	if n, _ := s.Count(t.Context(), thing, &beds.Find{}); n != 0 {
		t.Error("a refused batch wrote a record")
	}
}

func TestEmptyBatches(t *testing.T) {
	s := openTest(t)
	a, e1 := s.Insert(t.Context(), thing, nil, false)
	b, e2 := s.Update(t.Context(), thing, nil, false)
	c, e3 := s.Delete(t.Context(), thing, nil, false)
	d, e4 := s.Get(t.Context(), thing, nil)
	if err := errors.Join(e1, e2, e3, e4); err != nil || len(a)+len(b)+len(c)+len(d) != 0 {
		t.Error(err)
	}
}

func TestPruneRemovesOldClaimsOnly(t *testing.T) {
	s := openTest(t)
	in := newThing(nil)
	insertAll(t, s, thing, in, newThing(nil), newThing(nil))
	if n, err := s.Prune(t.Context(), time.Hour, 10); n != 0 || err != nil {
		t.Errorf("%d young claims went, %v", n, err)
	}
	if n, err := s.Prune(t.Context(), -time.Hour, 2); n != 2 || err != nil {
		t.Errorf("%d claims went, want 2, %v", n, err)
	}
	if n, err := s.Prune(t.Context(), -time.Hour, 10); n != 1 || err != nil {
		t.Errorf("%d claims went, want 1, %v", n, err)
	}
}
