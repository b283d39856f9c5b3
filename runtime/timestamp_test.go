package runtime

import (
	"math/rand/v2"
	"testing"
	"time"
)

// Timestamps read as the standard library writes them.
func TestTimestampText(t *testing.T) {
	const layout = `"2006-01-02T15:04:05.000000Z"`
	edge := func(year int) int64 { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() }
	check := func(micro int64) {
		t.Helper()
		if got, want := string(appendTimestamp(nil, micro)), time.UnixMicro(micro).UTC().Format(layout); got != want {
			t.Errorf("%d: %s, want %s", micro, got, want)
		}
	}
	for _, micro := range []int64{0, 1, -1, edge(minYear), edge(maxYear+1) - 1, edge(maxYear + 1), edge(0), edge(-5), edge(2000) - 1,
		time.Date(2024, 2, 29, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()} {
		check(micro)
	}
	for range 100_000 {
		check(edge(minYear) + rand.Int64N(edge(maxYear+1)-edge(minYear)))
	}
}
