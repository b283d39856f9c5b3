package maria

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
)

func TestDatetime(t *testing.T) {
	for _, want := range []string{
		"1970-01-01 00:00:00.000000", "1969-12-31 23:59:59.999999", "1000-01-01 00:00:00.000000", "9999-12-31 23:59:59.999999",
		"2000-02-29 12:34:56.000001", "1900-03-01 00:00:00.500000", "2024-12-31 23:59:59.100000",
	} {
		parsed, err := time.Parse("2006-01-02 15:04:05.000000", want)
		if err != nil {
			t.Fatal(err)
		}
		micro, ok := parseDatetime([]byte(want))
		if !ok || micro != parsed.UnixMicro() {
			t.Errorf("parseDatetime(%s) = %d, want %d", want, micro, parsed.UnixMicro())
		}
		if got := string(appendDatetime(nil, parsed.UnixMicro())); got != want {
			t.Errorf("appendDatetime = %s, want %s", got, want)
		}
	}
	for _, bad := range []string{"", "2026-01-01", "2026-13-01 00:00:00", "2026-01-01T00:00:00", "2026-01-01 00:00:00,5", "2026-01-01 00:00:00.1234567", "0000-00-00 00:00:00"} {
		if _, ok := parseDatetime([]byte(bad)); ok {
			t.Errorf("parseDatetime(%q) is fine", bad)
		}
	}
	if m, ok := parseDatetime([]byte("2026-01-01 00:00:00.5")); !ok || m%1_000_000 != 500_000 {
		t.Errorf("a short fraction reads as %d", m)
	}
}

// FuzzString: what is appended is JSON for the same text, and has no quote that
// could end the literal around it.
func FuzzString(f *testing.F) {
	for _, s := range []string{"", "it's", "\"\\\n\x00\x7f", "\xff", "\xe2\x27", "é😀\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := appendString(nil, s)
		var got string
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		for _, c := range b {
			if c == '\'' || c < ' ' {
				t.Fatalf("%q holds %q", b, c)
			}
		}
		if want := string([]rune(s)); got != want {
			t.Fatalf("%q reads as %q", b, got)
		}
	})
}

func TestAppendValue(t *testing.T) {
	for _, c := range []struct {
		kind runtime.Kind
		v    runtime.Value
		want string
	}{
		{runtime.Integer, runtime.IntValue(math.MinInt64), "-9223372036854775808"},
		{runtime.Boolean, runtime.IntValue(1), "true"},
		{runtime.Float, runtime.FloatValue(5e-324), "5e-324"},
		{runtime.Timestamp, runtime.IntValue(-1), `"1969-12-31 23:59:59.999999"`},
		{runtime.GUIDKind, runtime.GUID{15: 0xab}.Value(), `"000000000000000000000000000000ab"`},
		{runtime.Binary, runtime.StrValue("\x00\xff"), `"AP8="`},
		{runtime.Object, runtime.StrValue(`{"a":"'"}`), `"{\"a\":\"\u0027\"}"`},
		{runtime.Text, runtime.NullValue(), "null"},
	} {
		if got := string(appendValue(nil, c.kind, &c.v)); got != c.want {
			t.Errorf("%s: %s, want %s", c.kind, got, c.want)
		}
	}
}

// TestAllocations guards the way from rows to the call's text.
func TestAllocations(t *testing.T) {
	tmpl := &runtime.Template{Collection: "x", Behaviour: runtime.Behaviour{Deletes: runtime.DeletesHard}}
	for _, name := range []string{"id", "created", "updated", "revision", "a_tst", "b_tst"} {
		tmpl.Fields = append(tmpl.Fields, runtime.Field{Name: name, Type: runtime.Type{Kind: runtime.Integer}})
	}
	l := newLayout(tmpl)
	in := &runtime.Insert{RequestKey: runtime.RequestKey{Key: "key"}, Row: make(runtime.Row, 6)}
	buf := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { buf = l.appendInsert(buf[:0], in) }); n > 0 {
		t.Errorf("%v allocations to append a row", n)
	}
	tmpl.Fields[4].Type.Kind, tmpl.Fields[5].Type.Kind = runtime.Text, runtime.String
	at, one := []int{4, 5, 0}, []byte("1")
	values := []driver.Value{[]byte("a text"), []byte("a string"), one}
	if n := testing.AllocsPerRun(100, func() { l.decodeRow(at, values) }); n > 2 { // the row, and its texts
		t.Errorf("%v allocations to decode a row", n)
	}
}

// TestDecodeRow: texts share memory and nothing else; the connection's buffer is free again.
func TestDecodeRow(t *testing.T) {
	tmpl := &runtime.Template{Collection: "x", Behaviour: runtime.Behaviour{Deletes: runtime.DeletesHard}}
	for _, k := range []runtime.Kind{runtime.GUIDKind, runtime.Timestamp, runtime.Text, runtime.String, runtime.Integer, runtime.Object, runtime.Enum} {
		tmpl.Fields = append(tmpl.Fields, runtime.Field{Type: runtime.Type{Kind: k}})
	}
	l := newLayout(tmpl)
	buffer := []byte("0123456789abcdef" + "2026-11-24 00:00:00.000000" + "" + "ü" + "7" + "{}")
	cut := func(n int) (b []byte) { b, buffer = buffer[:n:n], buffer[n:]; return b }
	all := buffer
	values := []driver.Value{cut(16), cut(26), cut(0), cut(2), cut(1), cut(2), nil, []byte("of a later version")}
	row, err := l.decodeRow([]int{0, 1, 2, 3, 4, 5, 6, -1}, values)
	if err != nil {
		t.Fatal(err)
	}
	clear(all)
	want := runtime.Row{runtime.StrValue("0123456789abcdef"), runtime.IntValue(1_795_478_400_000_000), runtime.StrValue(""), runtime.StrValue("ü"),
		runtime.IntValue(7), runtime.StrValue("{}"), runtime.NullValue()}
	if !slices.Equal(row, want) {
		t.Errorf("%+v, want %+v", row, want)
	}
}
