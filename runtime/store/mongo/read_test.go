package mongo

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	beds "github.com/beds-project/beds/runtime"
)

// compare is the order that both stores promise: nulls first, strings by bytes.
func compareValues(kind beds.Kind, a, b beds.Value) int {
	if a.State != beds.Set || b.State != beds.Set {
		return cmp.Compare(a.State, b.State) // Null before Set
	}
	if kind == beds.Decimal {
		return compareDecimals(a.Str, b.Str)
	}
	return cmp.Or(cmp.Compare(a.Int, b.Int), cmp.Compare(a.Float, b.Float), strings.Compare(a.Str, b.Str))
}

// compareDecimals compares canonical texts of one scale.
func compareDecimals(a, b string) int {
	an, bn := strings.HasPrefix(a, "-"), strings.HasPrefix(b, "-")
	switch {
	case an && !bn:
		return -1
	case bn && !an:
		return 1
	case an:
		a, b = b[1:], a[1:]
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func rowCompare(t *beds.Template, keys []beds.Key) func(a, b beds.Row) int {
	return func(a, b beds.Row) int {
		for _, k := range keys {
			c := compareValues(t.Fields[k.Field].Type.Kind, a[k.Field], b[k.Field])
			if k.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	}
}

// page reads to the end, a few records at a time.
func page(t testing.TB, s *Store, find beds.Find, limit int) []beds.Row {
	t.Helper()
	var all []beds.Row
	for {
		find.Limit = limit
		rows, err := s.Find(t.Context(), thing, &find)
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) > limit {
			t.Fatalf("%d records in a page of %d", len(rows), limit)
		}
		all = append(all, rows...)
		if len(rows) < limit {
			return all
		}
		find.After = nil
		for _, k := range find.Sort {
			find.After = append(find.After, rows[len(rows)-1][k.Field])
		}
	}
}

func TestPagingInEveryOrderMeetsEachRecordOnce(t *testing.T) {
	s := openTest(t)
	var items []beds.Insert
	for i, values := range edges(t) {
		if i == long || i == blob {
			continue
		}
		for _, v := range values {
			// Two of each, so that ids decide, and nulls in every other field.
			items = append(items, newThing(map[int]beds.Value{i: v}), newThing(map[int]beds.Value{i: v}))
		}
	}
	insertAll(t, s, thing, items...)
	id := beds.Key{Field: beds.FieldID}
	for _, keys := range [][]beds.Key{
		{id}, {{Field: name}, id}, {{Field: number_}, id}, {{Field: amount}, id}, {{Field: born}, id}, {{Field: ratio}, id},
		{{Field: owner}, id}, {{Field: flag}, id}, {{Field: seen}, id}, {{Field: color}, {Field: number_, Desc: true}, id},
	} {
		for _, turned := range []bool{false, true} {
			sort := slices.Clone(keys)
			for i := range sort {
				sort[i].Desc = sort[i].Desc != turned
			}
			t.Run(fmt.Sprint(sort), func(t *testing.T) {
				rows := page(t, s, beds.Find{Sort: sort}, 17)
				if len(rows) != len(items) {
					t.Errorf("%d records, want %d", len(rows), len(items))
				}
				order := rowCompare(thing, sort)
				for i := 1; i < len(rows); i++ {
					if order(rows[i-1], rows[i]) >= 0 {
						t.Fatalf("record %d is not after the one before: %v, %v", i, rows[i-1], rows[i])
					}
				}
			})
		}
	}
}

func TestTermsSelectAsTheyCompare(t *testing.T) {
	s := openTest(t)
	values := edges(t)
	var rows []beds.Row
	fields := []int{name, number_, amount, born, ratio, owner, flag, seen}
	for _, i := range fields {
		for _, v := range values[i] {
			in := newThing(map[int]beds.Value{i: v})
			insertAll(t, s, thing, in)
			rows = append(rows, in.Row)
		}
	}
	for _, i := range fields {
		kind := thing.Fields[i].Type.Kind
		for _, v := range append(slices.Clone(values[i]), beds.NullValue()) {
			for op := beds.Eq; op <= beds.Lte; op++ {
				if op == beds.Ne || v.State == beds.Null && op != beds.Eq {
					continue
				}
				want := 0
				for _, row := range rows {
					if holds(kind, op, row[i], v) {
						want++
					}
				}
				find := &beds.Find{Terms: []beds.Term{{Field: i, Op: op, Value: v}}, Sort: []beds.Key{{Field: beds.FieldID}}, Limit: 1000}
				got, err := s.Find(t.Context(), thing, find)
				n, err2 := s.Count(t.Context(), thing, find)
				if err != nil || err2 != nil || len(got) != want || n != int64(want) {
					t.Errorf("%s %s %s (%d): %d found, %d counted, want %d (%v, %v)", thing.Fields[i].Public, op, v.Str, v.Int, len(got), n, want, err, err2)
				}
			}
		}
	}
}

// holds is what SQL says of a comparison.
func holds(kind beds.Kind, op beds.Op, a, b beds.Value) bool {
	if a.State != beds.Set || b.State != beds.Set {
		return op == beds.Eq && a.State == b.State
	}
	c := compareValues(kind, a, b)
	switch op {
	case beds.Eq:
		return c == 0
	case beds.Gt:
		return c > 0
	case beds.Gte:
		return c >= 0
	case beds.Lt:
		return c < 0
	}
	return c <= 0
}

func TestFindUnderAPartialIndex(t *testing.T) {
	s := openTest(t)
	red := insertAll(t, s, thing, newThing(map[int]beds.Value{color: beds.StrValue("red"), seen: beds.IntValue(5)}))
	insertAll(t, s, thing, newThing(map[int]beds.Value{color: beds.StrValue("green"), seen: beds.IntValue(5)}))
	ix := &thing.Indexes[len(thing.Indexes)-1]
	rows, err := s.Find(t.Context(), thing, &beds.Find{
		Index: ix, Terms: []beds.Term{{Field: seen, Op: beds.Eq, Value: beds.IntValue(5)}},
		Sort: []beds.Key{{Field: seen}, {Field: beds.FieldID}}, Limit: 10,
	})
	if err != nil || len(rows) != 1 || beds.GUIDOf(rows[0][0]) != red[0] {
		t.Errorf("%d records, %v", len(rows), err)
	}
}

func TestNamedQuery(t *testing.T) {
	s := openTest(t)
	var items []beds.Insert
	for i := range 20 {
		with := map[int]beds.Value{code: beds.StrValue(fmt.Sprintf("c%02d", i)), number_: beds.IntValue(int64(i / 2))}
		if i%5 == 0 {
			with[color] = beds.StrValue("red")
		} else if i%5 == 1 {
			with[color] = beds.StrValue("green")
		}
		items = append(items, newThing(with))
	}
	insertAll(t, s, thing, items...)
	q := thing.Query("some")
	args := []beds.Value{beds.StrValue(`["c01","c05","c06","c11","c12","c16","nowhere"]`), beds.IntValue(1)}
	var got []string
	run := &beds.NamedQuery{Query: q, Args: args, Limit: 2}
	for {
		rows, err := s.Query(t.Context(), thing, run)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			got = append(got, row[code].Str)
		}
		if len(rows) < 2 {
			break
		}
		last := rows[len(rows)-1]
		run.After = []beds.Value{last[number_], last[beds.FieldID]}
	}
	// Neither red (c05), nor null, which a comparison never holds for (c12), nor below 1 (c01).
	if want := "c16 c11 c06"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestHostileTextsAreValues(t *testing.T) {
	s := openTest(t)
	hostile := []string{"$where", "a.b", `{"$gt":""}`, "$ne", ".*", "^", "sleep(1000)", "\x7f", "𝒳'\"`;--"}
	for _, text := range hostile {
		insertAll(t, s, thing, newThing(map[int]beds.Value{name: beds.StrValue(text)}))
	}
	for _, text := range hostile {
		find := &beds.Find{Terms: []beds.Term{{Field: name, Op: beds.Eq, Value: beds.StrValue(text)}}, Sort: []beds.Key{{Field: beds.FieldID}}, Limit: 10}
		rows, err := s.Find(t.Context(), thing, find)
		if err != nil || len(rows) != 1 || rows[0][name].Str != text {
			t.Errorf("%q: %d records, %v", text, len(rows), err)
		}
	}
}

func TestGetLeavesOutAbsentAndDeletedRecords(t *testing.T) {
	s := openTest(t)
	ids := insertAll(t, s, thing, newThing(nil), newThing(nil), newThing(nil))
	o, err := s.Delete(t.Context(), thing, []beds.Delete{{RequestKey: uniqueKey(), ID: ids[1], Now: now}}, false)
	if err != nil || o[0].Code != "" {
		t.Fatal(o, err)
	}
	rows, err := s.Get(t.Context(), thing, []beds.GUID{ids[0], ids[1], ids[2], newID(), ids[0]})
	if err != nil || len(rows) != 2 {
		t.Errorf("%d records, %v", len(rows), err)
	}
	n, err := s.Count(t.Context(), thing, &beds.Find{})
	if err != nil || n != 2 {
		t.Errorf("%d counted, %v", n, err)
	}
	find := beds.Find{Terms: []beds.Term{{Field: beds.FieldID, Op: beds.Eq, Value: ids[1].Value()}}, Sort: []beds.Key{{Field: beds.FieldID}}}
	if rows := page(t, s, find, 10); len(rows) != 0 {
		t.Error("a deleted record was found")
	}
}

func TestLookupByOneFieldAndBySeveral(t *testing.T) {
	s := openTest(t)
	var items []beds.Insert
	for i := range int64(20) {
		items = append(items, newThing(map[int]beds.Value{
			number_: beds.IntValue(i % 5), owner: newID().Value(), ratio: beds.FloatValue(float64(i) / 3), amount: beds.StrValue(fmt.Sprintf("-%d.0000", i+1)),
		}))
	}
	ids := insertAll(t, s, thing, items...)
	o, err := s.Delete(t.Context(), thing, []beds.Delete{{RequestKey: uniqueKey(), ID: ids[3], Now: now}}, false)
	if err != nil || o[0].Code != "" {
		t.Fatal(o, err)
	}
	for _, ix := range []beds.Index{
		{Name: "code", Keys: []beds.Key{{Field: code}}, Unique: true},
		{Name: "several", Keys: []beds.Key{{Field: number_}, {Field: owner, Desc: true}, {Field: ratio}, {Field: amount}}, Unique: true},
	} {
		var keys []beds.UniqueKey
		for _, in := range items {
			key, ok := ix.KeyOf(in.Row)
			if !ok {
				t.Fatal("a value is missing")
			}
			keys = append(keys, key)
		}
		absent := keys[0]
		absent[0] = keys[1][0]
		absent[0].Str += "x"
		absent[0].Int += 100
		rows, err := s.Lookup(t.Context(), thing, &ix, append(keys, absent))
		if err != nil || len(rows) != len(items)-1 {
			t.Fatalf("%s: %d records, %v", ix.Name, len(rows), err)
		}
		for _, row := range rows {
			key, _ := ix.KeyOf(row)
			if i := slices.Index(keys, key); i < 0 || beds.GUIDOf(row[beds.FieldID]) != ids[i] || i == 3 {
				t.Errorf("%s: the record of key %d", ix.Name, i)
			}
		}
		for i, want := range map[int]int{3: 0, 4: 1} {
			if rows, err := s.Lookup(t.Context(), thing, &ix, keys[i:i+1]); err != nil || len(rows) != want {
				t.Errorf("%s: %d records for key %d, %v", ix.Name, len(rows), i, err)
			}
		}
	}
}
