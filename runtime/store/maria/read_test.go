package maria_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/runtime"
)

// TestEdgeValues writes the values at the edge of every type and reads them back.
func TestEdgeValues(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	long := strings.Repeat("0123456789abcdef", 1<<16) // 1 MiB
	deep := strings.Repeat(`{"a":`, 29) + "1" + strings.Repeat("}", 29)
	values := map[string][]runtime.Value{
		"count": {num(math.MinInt64), num(math.MaxInt64), num(0), num(-1), runtime.NullValue()},
		"ratio": {runtime.FloatValue(5e-324), runtime.FloatValue(math.MaxFloat64), runtime.FloatValue(-math.MaxFloat64), runtime.FloatValue(0.1 + 0.2), runtime.FloatValue(1.0 / 3), runtime.FloatValue(2.2250738585072011e-308), runtime.FloatValue(0), runtime.FloatValue(-1e21)},
		"price": {str("12345678901234567890.0123456789"), str("-99999999999999999999.9999999999"), str("0.0000000001"), str("0.0000000000")},
		"flag":  {num(0), num(1), runtime.NullValue()},
		"at":    {num(baseTime + 1), num(-1), num(-30610224000000000), num(253402300799999999), num(-62135596800000000 + 366*86400*1000000*1000)},
		"day":   {str("1969-12-31"), str("1000-01-01"), str("9999-12-31"), str("2024-02-29")},
		"ref":   {runtime.GUID{}.Value(), runtime.GUID{0xff, 15: 0xff}.Value(), str("'\\\"\n`%_;--+#\t\r x")},
		"text":  {str(""), str(" "), str("trailing  "), str("it's \"quoted\" `so` \\ \\' \r\n\t\x01\x1f\x7f"), str("😀 é \u2028 \U0010FFFF \uFEFF"), str(long), str("';DROP TABLE x;--"), str(`\u0027 \n`), runtime.NullValue()},
		"blob":  {str(""), str("\x00\xff'\\\"\n"), str(strings.Repeat("\x00\x01\xfe", 30000))},
		"meta":  {str(`{}`), str(`{"a":{"b":[1,2.5,"it's \" \\ 😀",null,true]},"z":"\u0001"}`), str(deep)},
		"tags":  {str(`[]`), str(`["a","it's","\\","😀",""]`)},
		"group": {str(""), str("a"), str("a "), str("A"), str("ä"), str("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀")},
		"state": {str("it's"), str("back\\slash"), str("new")},
	}
	names := make([]string, 0, len(values))
	for n := range values {
		names = append(names, n)
	}
	slices.Sort(names)
	for _, field := range names {
		t.Run(field, func(t *testing.T) {
			i := fieldOf(k, field)
			for n, v := range values[field] {
				in := dish(k, fmt.Sprint(field, n), set{field: v})
				d.insertAll(t, k, in)
				want := slices.Clone(in.Row)
				want[fieldOf(k, "secret")] = runtime.Value{}
				if got := d.fetch(t, k, idOf(in)); !reflect.DeepEqual(got, want) {
					t.Errorf("value %d: got %.200v, want %.200v", n, fmt.Sprint(got[i]), fmt.Sprint(want[i]))
				}
				// The same through an update, alone and in company.
				for _, company := range []int{1, 2} {
					a, b := dish(k, fmt.Sprint(field, n, "u", company), nil), dish(k, fmt.Sprint(field, n, "v", company), nil)
					d.insertAll(t, k, a, b)
					us := []runtime.Update{changeOf(k, "u"+a.Key, idOf(a), 1, set{field: v}), changeOf(k, "u"+b.Key, idOf(b), 1, set{field: v})}[:company]
					out, err := d.store.Update(context.Background(), k, us, false)
					if err != nil {
						t.Fatal(err)
					}
					wantCodes(t, out, make([]envelopeCode, company)...)
					if got := d.fetch(t, k, idOf(a)); !reflect.DeepEqual(got[i], v) {
						t.Errorf("update of value %d: got %.200v", n, fmt.Sprint(got[i]))
					}
				}
			}
		})
	}
}

// compareValues orders as the stores do: nulls first, then by kind.
func compareValues(kind runtime.Kind, a, b runtime.Value) int {
	switch {
	case a.State != b.State:
		return cmp.Compare(a.State, b.State)
	case kind == runtime.Float:
		return cmp.Compare(a.Float, b.Float)
	case kind == runtime.Decimal:
		var x, y float64
		fmt.Sscan(a.Str, &x)
		fmt.Sscan(b.Str, &y)
		return cmp.Compare(x, y)
	}
	return cmp.Or(cmp.Compare(a.Int, b.Int), cmp.Compare(a.Str, b.Str))
}

func compareRows(t *runtime.Template, keys []runtime.Key, a, b runtime.Row) int {
	for _, key := range keys {
		c := compareValues(t.Fields[key.Field].Type.Kind, a[key.Field], b[key.Field])
		if key.Desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func holds(t *runtime.Template, row runtime.Row, term runtime.Term) bool {
	v := row[term.Field]
	if term.Value.State == runtime.Null || v.State == runtime.Null {
		return term.Op == runtime.Eq && term.Value.State == v.State
	}
	c := compareValues(t.Fields[term.Field].Type.Kind, v, term.Value)
	switch term.Op {
	case runtime.Eq:
		return c == 0
	case runtime.Gt:
		return c > 0
	case runtime.Gte:
		return c >= 0
	case runtime.Lt:
		return c < 0
	}
	return c <= 0
}

// many fills the kitchen with records that tie and have nulls, some deleted.
func many(t testing.TB, d *database, n int) []runtime.Row {
	t.Helper()
	k := d.kitchen
	r := rand.New(rand.NewPCG(1, 2))
	var items []runtime.Insert
	for i := range n {
		v := set{"rank": num(r.Int64N(5)), "state": str([]string{"new", "it's", "done"}[r.IntN(3)])}
		if r.IntN(4) > 0 {
			v["group"] = str([]string{"", "a", "a ", "B", "b", "ä"}[r.IntN(6)])
		}
		if r.IntN(4) > 0 {
			v["at"] = num(baseTime + r.Int64N(4))
		}
		if r.IntN(4) > 0 {
			v["count"] = num(r.Int64N(3) - 1)
		}
		if r.IntN(4) > 0 {
			v["day"] = str(fmt.Sprintf("2026-01-%02d", 1+r.IntN(9)))
		}
		if r.IntN(4) > 0 {
			v["flag"] = num(r.Int64N(2))
		}
		if r.IntN(4) > 0 {
			v["price"] = str(fmt.Sprintf("%d.0000000000", r.IntN(7)-3))
		}
		if r.IntN(4) > 0 {
			v["ratio"] = runtime.FloatValue(float64(r.IntN(7)) / 4)
		}
		if r.IntN(4) > 0 {
			v["ref"] = runtime.GUID{15: byte(r.IntN(5))}.Value()
		}
		items = append(items, dish(k, fmt.Sprintf("m%04d", i), v))
	}
	d.insertAll(t, k, items...)
	var rows []runtime.Row
	for i, in := range items {
		if i%17 == 0 {
			del := runtime.Delete{RequestKey: key("del " + in.Key), ID: idOf(in), Now: baseTime}
			if _, err := d.store.Delete(context.Background(), k, []runtime.Delete{del}, false); err != nil {
				t.Fatal(err)
			}
			continue
		}
		in.Row[fieldOf(k, "secret")] = runtime.Value{}
		rows = append(rows, in.Row)
	}
	return rows
}

// pages reads to the end, page by page.
func (d *database) pages(t testing.TB, f runtime.Find) []runtime.Row {
	t.Helper()
	var all []runtime.Row
	for {
		rows, err := d.store.Find(context.Background(), d.kitchen, &f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
		if len(rows) < f.Limit {
			return all
		}
		last := rows[len(rows)-1]
		f.After = nil
		for _, key := range f.Sort {
			f.After = append(f.After, last[key.Field])
		}
	}
}

func expected(t *runtime.Template, rows []runtime.Row, f runtime.Find) []runtime.Row {
	var want []runtime.Row
	for _, row := range rows {
		ok := !slices.ContainsFunc(f.Terms, func(term runtime.Term) bool { return !holds(t, row, term) })
		if f.Index != nil && f.Index.Where != nil {
			ok = ok && row[fieldOf(t, "state")].Str == "it's"
		}
		if ok {
			want = append(want, row)
		}
	}
	slices.SortFunc(want, func(a, b runtime.Row) int { return compareRows(t, f.Sort, a, b) })
	return want
}

func wantRows(t *testing.T, what string, got, want []runtime.Row) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Fatalf("%s: row %d is\n%v, want\n%v", what, i, got[i], want[i])
		}
	}
}

// TestLookup reads by unique keys of every type, many at a time: each finds its record, and
// a key that is nearly one of a record finds none.
func TestLookup(t *testing.T) {
	d := newDatabase(t)
	l := d.locker
	var items []runtime.Insert
	for i := range int64(40) {
		items = append(items, insertOf(l, fmt.Sprint("locker ", i), set{
			"at": num(baseTime + i), "count": num(math.MinInt64 + i), "day": str(fmt.Sprintf("19%02d-12-31", i)),
			"flag": num(i % 2), "kind": str([]string{"big", "it's"}[i%2]), "name": str([]string{"a", "a ", "A", "é\\'\""}[i%4]),
			"price": str(fmt.Sprintf("-12345678901234567890.%010d", i)), "ratio": runtime.FloatValue(float64(i) / 3), "ref": newID().Value(),
		}))
	}
	d.insertAll(t, l, items...)
	ctx := context.Background()
	for n := range l.Indexes {
		ix := &l.Indexes[n]
		if !ix.Identifies() {
			continue
		}
		found := map[runtime.UniqueKey]runtime.Row{}
		keys := []runtime.UniqueKey{}
		for _, in := range items {
			key, _ := ix.KeyOf(in.Row)
			keys = append(keys, key)
			found[key] = in.Row
		}
		near, _ := ix.KeyOf(items[7].Row)
		switch ix.Name {
		case "numbers":
			near[2].Int++
		case "times":
			near[0].Int++
		case "texts":
			near[0].Str += strings.Repeat(" ", 20) // longer than the column
		}
		rows, err := d.store.Lookup(ctx, l, ix, append(keys, near))
		if err != nil || len(rows) != len(items) {
			t.Fatalf("%s: %d records, %v", ix.Name, len(rows), err)
		}
		for _, row := range rows {
			key, _ := ix.KeyOf(row)
			if !reflect.DeepEqual(row, found[key]) {
				t.Errorf("%s: %v\ninstead of %v", ix.Name, row, found[key])
			}
		}
		one, err := d.store.Lookup(ctx, l, ix, keys[3:4])
		if err != nil || len(one) != 1 || !reflect.DeepEqual(one[0], items[3].Row) {
			t.Errorf("%s: alone %v, %v", ix.Name, one, err)
		}
		if none, err := d.store.Lookup(ctx, l, ix, []runtime.UniqueKey{near}); err != nil || len(none) != 0 {
			t.Errorf("%s: %v, %v for a key of nobody", ix.Name, none, err)
		}
	}
	// A deleted record is not found.
	dish1, dish2 := dish(d.kitchen, "soup", nil), dish(d.kitchen, "stew", nil)
	d.insertAll(t, d.kitchen, dish1, dish2)
	outcomes, err := d.store.Delete(ctx, d.kitchen, []runtime.Delete{{RequestKey: key("away"), ID: idOf(dish1), Now: baseTime}}, false)
	if err != nil {
		t.Fatal(err)
	}
	wantCodes(t, outcomes, "")
	for n := range d.kitchen.Indexes {
		if ix := &d.kitchen.Indexes[n]; ix.Identifies() {
			rows, err := d.store.Lookup(ctx, d.kitchen, ix, []runtime.UniqueKey{{str("soup")}, {str("stew")}})
			if err != nil || len(rows) != 1 || runtime.GUIDOf(rows[0][runtime.FieldID]) != idOf(dish2) {
				t.Errorf("%v, %v", rows, err)
			}
		}
	}
}

// TestPaging pages along every index in both directions, without conditions and
// with equality, null and ranges on the first key, and compares with a sort in
// memory; the same through the free search.
func TestPaging(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	rows := many(t, d, 400)
	for n := range k.Indexes {
		ix := &k.Indexes[n]
		t.Run(ix.Name, func(t *testing.T) {
			for _, reverse := range []bool{false, true} {
				sort := slices.Clone(ix.Keys)
				if sort[len(sort)-1].Field != runtime.FieldID {
					sort = append(sort, runtime.Key{Field: runtime.FieldID})
				}
				if reverse {
					for i := range sort {
						sort[i].Desc = !sort[i].Desc
					}
				}
				first := ix.Keys[0].Field
				some := rows[len(rows)/2][first]
				if some.State == runtime.Null {
					some = rows[slices.IndexFunc(rows, func(r runtime.Row) bool { return r[first].State == runtime.Set })][first]
				}
				filters := [][]runtime.Term{
					nil,
					{{Field: first, Op: runtime.Eq, Value: some}},
					{{Field: first, Op: runtime.Gt, Value: some}},
					{{Field: first, Op: runtime.Gte, Value: some}},
					{{Field: first, Op: runtime.Lt, Value: some}},
					{{Field: first, Op: runtime.Lte, Value: some}},
				}
				if !k.Fields[first].Required {
					filters = append(filters, []runtime.Term{{Field: first, Op: runtime.Eq, Value: runtime.NullValue()}})
				}
				if len(ix.Keys) > 1 {
					second := ix.Keys[1].Field
					filters = append(filters, []runtime.Term{{Field: first, Op: runtime.Eq, Value: some}, {Field: second, Op: runtime.Eq, Value: runtime.NullValue()}})
				}
				for _, terms := range filters {
					f := runtime.Find{Index: ix, Terms: terms, Sort: sort, Reverse: reverse, Limit: 7}
					want := expected(k, rows, f)
					wantRows(t, fmt.Sprint(reverse, terms), d.pages(t, f), want)
					count, err := d.store.Count(context.Background(), k, &f)
					if err != nil || count != int64(len(want)) {
						t.Fatalf("count %d (%v), want %d", count, err, len(want))
					}
					if ix.Where != nil {
						continue
					}
					free := runtime.Find{Terms: terms, Sort: []runtime.Key{sort[0], {Field: runtime.FieldID, Desc: sort[0].Desc}}, Reverse: sort[0].Desc, Limit: 7}
					if first == runtime.FieldID {
						free.Sort = free.Sort[:1]
					}
					wantRows(t, "free", d.pages(t, free), expected(k, rows, free))
				}
			}
		})
	}
}

// TestPagesCostTheirLength counts what the server reads for a page deep in each
// index: about as much as the page holds, whatever the direction.
func TestPagesCostTheirLength(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	rows := many(t, d, 2000)
	root := d.session(t)
	for n := range k.Indexes {
		ix := &k.Indexes[n]
		for _, reverse := range []bool{false, true} {
			for _, terms := range []string{"none", "eq", "null", "after null"} {
				body := pageOf(k, ix, rows, reverse, terms)
				if body == "" {
					continue
				}
				read := root.handlerReads(t, "CALL `"+k.Collection+"_by_"+ix.Name+"`(?)", body)
				// 5 rows, perhaps deleted ones between, the request's own row, and for a
				// cursor one look for each range that it consists of.
				if read > 5+8+2*5 {
					t.Errorf("%s reverse=%v %s: the server read %d entries for a page of 5\n%s", ix.Name, reverse, terms, read, body)
				}
			}
		}
	}
}

func TestQueries(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	rows := many(t, d, 300)
	ctx := context.Background()
	group, rank, at, ref, state := fieldOf(k, "group"), fieldOf(k, "rank"), fieldOf(k, "at"), fieldOf(k, "ref"), fieldOf(k, "state")
	run := func(name string, args []runtime.Value, match func(runtime.Row) bool) {
		t.Helper()
		q := &k.Queries[slices.IndexFunc(k.Queries, func(q runtime.Query) bool { return q.Name == name })]
		var want, got []runtime.Row
		for _, row := range rows {
			if match(row) {
				want = append(want, row)
			}
		}
		slices.SortFunc(want, func(a, b runtime.Row) int { return compareRows(k, q.Sort, a, b) })
		if len(want) == 0 {
			t.Fatalf("%s: the test expects nothing", name)
		}
		nq := runtime.NamedQuery{Query: q, Args: args, Limit: 6}
		for {
			page, err := d.store.Query(ctx, k, &nq)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, page...)
			if len(page) < nq.Limit {
				break
			}
			nq.After = nil
			for _, key := range q.Sort {
				nq.After = append(nq.After, page[len(page)-1][key.Field])
			}
		}
		wantRows(t, name, got, want)
	}
	run("in_groups", []runtime.Value{str(`["a","ä","it's"]`), num(2)}, func(r runtime.Row) bool {
		return (r[group].Str == "a" || r[group].Str == "ä") && r[rank].Int >= 2
	})
	run("at_times", []runtime.Value{
		str(`["00000000-0000-0000-0000-000000000001","00000000-0000-0000-0000-000000000002"]`),
		str(`["2026-01-01T00:00:00.000001Z","2026-01-01T00:00:00.000002Z"]`),
	}, func(r runtime.Row) bool {
		return r[ref].State == runtime.Set && r[ref].Str[15] >= 1 && r[ref].Str[15] <= 2 && (r[at].Int == baseTime+1 || r[at].Int == baseTime+2)
	})
	run("starting", []runtime.Value{str("a")}, func(r runtime.Row) bool {
		return strings.HasPrefix(r[group].Str, "a") && r[state].Str != "done"
	})
	q := runtime.NamedQuery{Query: &k.Queries[slices.IndexFunc(k.Queries, func(q runtime.Query) bool { return q.Name == "starting" })], Args: []runtime.Value{str("%_|")}, Limit: 6}
	if page, err := d.store.Query(ctx, k, &q); err != nil || len(page) != 0 {
		t.Fatalf("signs of a pattern match %d rows, %v", len(page), err)
	}
}
