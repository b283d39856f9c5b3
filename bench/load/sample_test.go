package load

import (
	"context"
	"testing"
	"time"
)

func TestQuantile(t *testing.T) {
	s := &Sample{Requests: 100, Elapsed: 2 * time.Second}
	for i := range 100 {
		s.Latencies = append(s.Latencies, time.Duration(i+1)*time.Millisecond)
	}
	for q, want := range map[float64]time.Duration{0: time.Millisecond, .5: 51 * time.Millisecond, .99: 100 * time.Millisecond, 1: 100 * time.Millisecond} {
		if got := s.Quantile(q); got != want {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
	}
	if got := s.Rate(); got != 50 {
		t.Errorf("rate %v, want 50", got)
	}
	if got := new(Sample).Quantile(.5); got != 0 {
		t.Errorf("quantile of nothing is %v", got)
	}
}

// What lies outside of the window does not count, but a bad reply anywhere does.
func TestRecorderKeepsToTheWindow(t *testing.T) {
	now := time.Now()
	r := newRecorder(func(b []byte) bool { return string(b) == "good" })
	r.from, r.to = now, now.Add(time.Second)
	r.add(now.Add(-time.Second), now.Add(-time.Millisecond), []byte("bad"))
	r.add(now, now.Add(time.Millisecond), []byte("good"))
	r.add(now, now.Add(2*time.Second), []byte("good"))
	s := r.sample(time.Second)
	if s.Requests != 1 || s.Bad != 1 || s.Latencies[0] != time.Millisecond {
		t.Errorf("%+v", s)
	}
}

func TestDirectCountsItsWork(t *testing.T) {
	var edges int
	win := Window{Warmup: 5 * time.Millisecond, Duration: 30 * time.Millisecond, Begin: func() { edges++ }, End: func() { edges++ }}
	s, err := Direct(t.Context(), 4, win, func(context.Context, uint64) error { time.Sleep(time.Millisecond); return nil })
	if err != nil || s.Requests == 0 || s.Requests > 4*40 || edges != 2 {
		t.Errorf("%v requests, %d edges, %v", s.Requests, edges, err)
	}
}
