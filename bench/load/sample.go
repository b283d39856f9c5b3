package load

import (
	"slices"
	"time"
)

// A Window is when to measure: after Warmup, for Duration. Begin and End are called at its edges; what they take is
// not part of it.
type Window struct {
	Warmup, Duration time.Duration
	Begin, End       func()
}

// A Sample is what one contestant did in one window.
type Sample struct {
	Requests  int
	Elapsed   time.Duration
	Latencies []time.Duration // sorted
	Bad       int             // replies that were not what they should be
	Lost      int             // requests without a reply when the run ended
}

// Rate is requests a second.
func (s *Sample) Rate() float64 { return float64(s.Requests) / s.Elapsed.Seconds() }

// Quantile is the latency that a share q of the requests did not exceed.
func (s *Sample) Quantile(q float64) time.Duration {
	if len(s.Latencies) == 0 {
		return 0
	}
	return s.Latencies[min(int(q*float64(len(s.Latencies))), len(s.Latencies)-1)]
}

// recorder keeps the latencies inside the window.
type recorder struct {
	from, to  time.Time // nanosecond comparisons, set before the window begins
	latencies []time.Duration
	bad       int
	check     func([]byte) bool
	seen      uint64
}

func newRecorder(check func([]byte) bool) *recorder {
	return &recorder{latencies: make([]time.Duration, 0, 1<<18), check: check}
}

// checkEvery replies one is looked at: looking at all of them would cost more than receiving them.
const checkEvery = 16

func (r *recorder) add(began, now time.Time, body []byte) {
	r.seen++
	if r.seen%checkEvery == 1 && r.check != nil && !r.check(body) {
		r.bad++
	}
	if now.After(r.from) && !now.After(r.to) {
		r.latencies = append(r.latencies, now.Sub(began))
	}
}

func (r *recorder) sample(elapsed time.Duration) *Sample {
	s := &Sample{Requests: len(r.latencies), Elapsed: elapsed, Latencies: r.latencies, Bad: r.bad}
	slices.Sort(s.Latencies)
	return s
}
