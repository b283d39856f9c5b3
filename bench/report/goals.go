package report

import (
	"bytes"
	"fmt"

	"github.com/beds-project/beds/bench/suite"
)

// A goal is one sentence of the project's order with the number that it asks for.
type goal struct {
	text  string
	class string
	want  float64
	least bool // the value must be at least want, rather than at most
	value func(*suite.Result) (float64, bool)
}

// projectGoals are those that this benchmark can check.
var projectGoals = []goal{
	{"T0: rate against the echo over our own connection", "T0", 0.95, true, rates("beds", "raw-own")},
	{"T0: rate against the naive echo", "T0", 1.3, true, rates("beds", "raw-naive")},
	{"T0: rate against the naive echo with a naive client", "T0", 1.3, true, rates("beds", "raw-naive-both")},
	{"T0: rate against watermill at its defaults", "T0", 2, true, rates("beds", "watermill")},
	{"T0: rate against watermill at its best", "T0", 1.2, true, rates("beds", "watermill-best")},
	{"T0: rate against go-rabbitmq at its defaults", "T0", 2, true, rates("beds", "gorabbit")},
	{"T0: rate against go-rabbitmq at its best", "T0", 1.2, true, rates("beds", "gorabbit-best")},
	{"T0: CPU of the node, µs", "T0", 20, false, of("beds", server)},
	{"T1: CPU of the node, µs", "T1", 40, false, of("beds", server)},
	{"T1: rate against the hand-written service", "T1", 1.2, true, rates("beds", "crud")},
	{"T1: rate against the hand-written service over our connection", "T1", 1.2, true, rates("beds", "crud-own")},
	{"T2: rate against the hand-written service", "T2", 1.2, true, rates("beds", "crud")},
	{"T2: rate against the hand-written service over our connection", "T2", 1.2, true, rates("beds", "crud-own")},
	{"T1 alone: median against one round trip and one CALL", "T1-alone", 1, false, aloneRatio},
	{"T4: reads a second, messages of 256", "T4-read", 40_000, true, of("beds x256", rate)},
	{"T4: durable writes a second, messages of 256", "T4-write", 25_000, true, of("beds x256", rate)},
	{"T0: p99 against p50 at 60% load", "T0-open", 5, false, tail},
	{"T1: p99 against p50 at 60% load", "T1-open", 5, false, tail},
}

// rates is the ratio of two contestants' median rates.
func rates(a, b string) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		x, y := find(r, a), find(r, b)
		if x == nil || y == nil {
			return 0, false
		}
		return spreadOf(x.Runs, rate).median / spreadOf(y.Runs, rate).median, true
	}
}

// of is the median of one contestant's measure.
func of(name string, m func(*suite.Measure) float64) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		s := find(r, name)
		if s == nil {
			return 0, false
		}
		return spreadOf(s.Runs, m).median, true
	}
}

func aloneRatio(r *suite.Result) (float64, bool) {
	beds, echo, call := find(r, "beds"), find(r, "raw-own"), find(r, "direct-call-1")
	if beds == nil || echo == nil || call == nil {
		return 0, false
	}
	return spreadOf(beds.Runs, p50).median / (spreadOf(echo.Runs, p50).median + spreadOf(call.Runs, p50).median), true
}

func tail(r *suite.Result) (float64, bool) {
	s := find(r, "beds @60%")
	if s == nil {
		return 0, false
	}
	return spreadOf(s.Runs, func(m *suite.Measure) float64 { return m.P99 / m.P50 }).median, true
}

// goals writes the goals beside what was measured.
func goals(w *bytes.Buffer, files []*File) {
	fmt.Fprint(w, "\n## Goals\n\n| goal | wanted | measured | met |\n|---|---:|---:|---|\n")
	for _, g := range projectGoals {
		for _, f := range files {
			if f.Result.Name == g.class {
				g.write(w, f.Result)
			}
		}
	}
}

func (g *goal) write(w *bytes.Buffer, r *suite.Result) {
	v, ok := g.value(r)
	if !ok {
		return
	}
	sign, met := "≤", "no"
	if g.least {
		sign = "≥"
	}
	if g.least == (v >= g.want) || v == g.want {
		met = "yes"
	}
	fmt.Fprintf(w, "| %s | %s %s | %s | %s |\n", g.text, sign, plain(g.want), plain(v), met)
}

func plain(v float64) string {
	if v >= 1000 {
		return round(v)
	}
	return fmt.Sprintf("%.2f", v)
}
