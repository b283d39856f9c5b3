package lineage

import (
	"bytes"
	"slices"
	"sync"
	"testing"
	"time"
)

func TestNewV7Bits(t *testing.T) {
	before := time.Now().UnixMilli()
	u := NewV7()
	after := time.Now().UnixMilli()
	if u[6]>>4 != 7 {
		t.Errorf("version is %d, want 7", u[6]>>4)
	}
	if u[8]>>6 != 0b10 {
		t.Errorf("variant bits are %02b, want 10", u[8]>>6)
	}
	// The counter may have borrowed a millisecond from the future, no more.
	if ms := millis(u); ms < before || ms > after+1 {
		t.Errorf("time is %d, want %d to %d", ms, before, after)
	}
}

func TestNewV7AscendsAndIsUnique(t *testing.T) {
	const goroutines, each = 8, 20_000
	lists := make([][][16]byte, goroutines)
	var wg sync.WaitGroup
	for i := range lists {
		wg.Go(func() {
			list := make([][16]byte, each)
			for j := range list {
				list[j] = NewV7()
			}
			lists[i] = list
		})
	}
	wg.Wait()
	seen := make(map[[16]byte]bool, goroutines*each)
	for _, list := range lists {
		if !slices.IsSortedFunc(list, compare) {
			t.Error("ids of one goroutine are not in ascending order")
		}
		for _, u := range list {
			if seen[u] {
				t.Fatalf("%x was made twice", u)
			}
			seen[u] = true
		}
	}
}

func TestGeneratorSurvivesTheClock(t *testing.T) {
	tests := map[string][]int64{
		"stands still":        {5000, 5000, 5000, 5000},
		"steps back a second": {5000, 4000, 4001, 4002, 6000},
		"steps back to zero":  {5000, 0, 0, 5001},
		"jumps ahead":         {5000, 900000, 5001, 900001},
	}
	for name, clock := range tests {
		t.Run(name, func(t *testing.T) {
			i := -1
			g := generator{random: fill, now: func() int64 { i++; return clock[i] }}
			last := g.next()
			for range clock[1:] {
				u := g.next()
				if compare(last, u) >= 0 {
					t.Fatalf("%x does not come after %x", u, last)
				}
				last = u
			}
		})
	}
}

func TestGeneratorBorrowsAMillisecondWhenFull(t *testing.T) {
	g := generator{random: fill, now: func() int64 { return 5000 }, ms: 5000, counter: counterMax}
	full := layout(5000, counterMax, 0xffff_ffff)
	if u := g.next(); millis(u) != 5001 || compare(full, u) >= 0 {
		t.Errorf("after a full millisecond came %x", u)
	}
}

func TestUUIDText(t *testing.T) {
	u := [16]byte{0x01, 0x89, 0x0a, 0x5d, 0xac, 0x96, 0x77, 0x4b, 0xbc, 0xce, 0xb3, 0x02, 0x09, 0x9a, 0x80, 0x57}
	const text = "01890a5d-ac96-774b-bcce-b302099a8057"
	if got := string(AppendUUID(nil, u)); got != text {
		t.Errorf("AppendUUID = %s, want %s", got, text)
	}
	if got, ok := ParseUUID(text); !ok || got != u {
		t.Errorf("ParseUUID = %x, %v", got, ok)
	}
}

func TestNewV7DoesNotAllocate(t *testing.T) {
	s, err := NewSource("ms", "dev")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 0, MaxIDBytes)
	if n := testing.AllocsPerRun(1000, func() { b = s.AppendEventID(b[:0]) }); n != 0 {
		t.Errorf("AppendEventID allocates %v times, want 0", n)
	}
	if n := testing.AllocsPerRun(1000, func() { _ = s.EventID() }); n > 1 {
		t.Errorf("EventID allocates %v times, want at most 1", n)
	}
}

func BenchmarkNewV7(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		NewV7()
	}
}

func BenchmarkEventIDParallel(b *testing.B) {
	s, _ := NewSource("ms", "dev")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.EventID()
		}
	})
}

func compare(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }

func millis(u [16]byte) int64 {
	var ms int64
	for _, b := range u[:6] {
		ms = ms<<8 | int64(b)
	}
	return ms
}
