package ops

import (
	"math"
	"strings"
	"sync"
	"testing"
)

func exposition(t testing.TB, r *Registry) string {
	t.Helper()
	var b strings.Builder
	if _, err := r.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExposition(t *testing.T) {
	r := NewRegistry()
	requests := r.Counter("beds_requests_total", "Requests answered.", "template", "status")
	requests.With("order", "ok").Add(41)
	requests.With("order", "ok").Inc()
	requests.With("example", "error").Inc()
	r.Gauge("beds_in_flight", "Requests in work\nnow, with a \\.").With().Set(2.5)
	r.Counter("beds_escapes_total", "E.", "v").With("a\"b\\c\nd\xffé").Inc()
	r.Counter("beds_unused_total", "Nothing yet.", "x")
	r.GaugeFunc("beds_z", "Infinite.", func() float64 { return math.Inf(1) })
	r.CounterFunc("beds_zz_total", "None.", func() float64 { return math.NaN() })
	h := r.Histogram("beds_seconds", "Latency.", []float64{.1, 1}, "op")
	for _, v := range []float64{.05, .1, .5, 2, 3} {
		h.With("read").Observe(v)
	}
	plain := r.Histogram("beds_plain", "No labels.", nil)
	plain.With().Observe(1e9)
	want := `# HELP beds_escapes_total E.
# TYPE beds_escapes_total counter
beds_escapes_total{v="a\"b\\c\nd�é"} 1
# HELP beds_in_flight Requests in work\nnow, with a \\.
# TYPE beds_in_flight gauge
beds_in_flight 2.5
# HELP beds_plain No labels.
# TYPE beds_plain histogram
beds_plain_bucket{le="+Inf"} 1
beds_plain_sum 1e+09
beds_plain_count 1
# HELP beds_requests_total Requests answered.
# TYPE beds_requests_total counter
beds_requests_total{template="example",status="error"} 1
beds_requests_total{template="order",status="ok"} 42
# HELP beds_seconds Latency.
# TYPE beds_seconds histogram
beds_seconds_bucket{op="read",le="0.1"} 2
beds_seconds_bucket{op="read",le="1"} 3
beds_seconds_bucket{op="read",le="+Inf"} 5
beds_seconds_sum{op="read"} 5.65
beds_seconds_count{op="read"} 5
# HELP beds_unused_total Nothing yet.
# TYPE beds_unused_total counter
# HELP beds_z Infinite.
# TYPE beds_z gauge
beds_z +Inf
# HELP beds_zz_total None.
# TYPE beds_zz_total counter
beds_zz_total NaN
`
	if got := exposition(t, r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCardinalityIsBounded(t *testing.T) {
	r := NewRegistry()
	c := r.Counter("beds_attack_total", "A.", "name")
	for i := range 3 * maxSeries {
		c.With(strings.Repeat("x", i)).Inc()
	}
	page := exposition(t, r)
	if n := strings.Count(page, "\nbeds_attack_total{"); n != maxSeries+1 {
		t.Errorf("%d series, want %d", n, maxSeries+1)
	}
	if !strings.Contains(page, `beds_attack_total{name="overflow"} 2000`) {
		t.Error("the overflow is not counted")
	}
}

func TestRegistrationMistakesPanic(t *testing.T) {
	r := NewRegistry()
	r.Counter("beds_a_total", "A.")
	for name, f := range map[string]func(){
		"twice":          func() { r.Gauge("beds_a_total", "A.") },
		"bad name":       func() { r.Gauge("beds-a", "A.") },
		"bad label":      func() { r.Gauge("beds_b", "A.", "a-b") },
		"reserved label": func() { r.Gauge("beds_c", "A.", "__name") },
		"le":             func() { r.Histogram("beds_d", "A.", nil, "le") },
		"bounds":         func() { r.Histogram("beds_e", "A.", []float64{2, 1}) },
		"values":         func() { r.Counter("beds_f_total", "A.", "x").With() },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is accepted")
				}
			}()
			f()
		})
	}
}

func TestMetricsUnderConcurrency(t *testing.T) {
	r := NewRegistry()
	c, g := r.Counter("beds_c_total", "C.", "l"), r.Gauge("beds_g", "G.")
	h := r.Histogram("beds_h", "H.", LatencyBounds, "l")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				c.With("a").Inc()
				g.With().Add(1)
				h.With("a").Observe(.5)
			}
			_ = exposition(t, r)
		})
	}
	wg.Wait()
	page := exposition(t, r)
	for _, want := range []string{`beds_c_total{l="a"} 8000`, "beds_g 8000", `beds_h_count{l="a"} 8000`, `beds_h_sum{l="a"} 4000`} {
		if !strings.Contains(page, want+"\n") {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
}

func TestHotPathDoesNotAllocate(t *testing.T) {
	r := NewRegistry()
	c := r.Counter("beds_c_total", "C.", "l").With("a")
	h := r.Histogram("beds_h", "H.", LatencyBounds).With()
	if n := testing.AllocsPerRun(100, func() { c.Inc(); h.Observe(.003) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestProcess(t *testing.T) {
	r := NewRegistry()
	RegisterProcess(r)
	page := exposition(t, r)
	for _, name := range []string{"go_goroutines", "go_memory_bytes", "go_heap_objects_bytes", "process_start_time_seconds"} {
		if !strings.Contains(page, "\n"+name+" ") || strings.Contains(page, "\n"+name+" 0\n") {
			t.Errorf("%s is missing or 0 in\n%s", name, page)
		}
	}
}
