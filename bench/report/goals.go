package report

import (
	"bytes"
	"fmt"
	"runtime"

	"github.com/beds-project/beds/bench/suite"
)

// A goal is one sentence of the project's order with the number that it asks for.
type goal struct {
	text  string
	class string
	want  float64
	least bool // the value must be at least want, rather than at most
	value func(*suite.Result) (float64, bool)
	echo  func(*suite.Result) (float64, bool) // what the echo over our connection makes of it; nil where it has no part in it
	limit func(*suite.Result) (float64, bool) // what this machine allows; nil where that is not known
}

// projectGoals are those that this benchmark can check.
var projectGoals = []goal{
	{"T0: rate against the echo over our own connection", "T0", 0.95, true, rates("beds", "raw-own"), nil, free("raw-own")},
	{"T0: rate against the naive echo", "T0", 1.3, true, rates("beds", "raw-naive"), rates("raw-own", "raw-naive"), free("raw-naive")},
	{"T0: rate against the naive echo with a naive client", "T0", 1.3, true, rates("beds", "raw-naive-both"), rates("raw-own", "raw-naive-both"), free("raw-naive-both")},
	{"T0: rate against watermill at its defaults", "T0", 2, true, rates("beds", "watermill"), rates("raw-own", "watermill"), free("watermill")},
	{"T0: rate against watermill at its best", "T0", 1.2, true, rates("beds", "watermill-best"), rates("raw-own", "watermill-best"), free("watermill-best")},
	{"T0: rate against go-rabbitmq at its defaults", "T0", 2, true, rates("beds", "gorabbit"), rates("raw-own", "gorabbit"), free("gorabbit")},
	{"T0: rate against go-rabbitmq at its best", "T0", 1.2, true, rates("beds", "gorabbit-best"), rates("raw-own", "gorabbit-best"), free("gorabbit-best")},
	{"T0: CPU of the node, µs", "T0", 20, false, of("beds", server), of("raw-own", server), nil},
	{"T1: CPU of the node, µs", "T1", 40, false, of("beds", server), nil, of("crud-own", server)},
	{"T1: rate against the hand-written service", "T1", 1.2, true, rates("beds", "crud"), nil, free("crud")},
	{"T1: rate against the hand-written service over our connection", "T1", 1.2, true, rates("beds", "crud-own"), nil, free("crud-own")},
	{"T2: rate against the hand-written service", "T2", 1.2, true, rates("beds", "crud"), nil, free("crud")},
	{"T2: rate against the hand-written service over our connection", "T2", 1.2, true, rates("beds", "crud-own"), nil, free("crud-own")},
	{"T1 alone: median against one round trip and one CALL", "T1-alone", 1, false, alone("beds", "direct-call-1"), nil, alone("crud-own", "direct-select")},
	{"T4: reads a second, messages of 256", "T4-read", 40_000, true, of("beds x256", rate), nil, freeRate("beds x256")},
	{"T4: durable writes a second, messages of 256", "T4-write", 25_000, true, of("beds x256", rate), nil, freeRate("beds x256")},
	{"T0: p99 against p50 at 60% load", "T0-open", 5, false, tail("beds @60%"), tail("raw-own @60%"), nil},
	{"T1: p99 against p50 at 60% load", "T1-open", 5, false, tail("beds @60%"), nil, tail("crud @60%")},
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

// free is the ratio that a server without any cost would reach: broker and client cost what they cost.
func free(peer string) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		b, p := find(r, "beds"), find(r, peer)
		if b == nil || p == nil {
			return 0, false
		}
		return spreadOf(p.Runs, total).median / (spreadOf(b.Runs, total).median - spreadOf(b.Runs, server).median), true
	}
}

// freeRate is the rate that a server without any cost would reach with all processors busy.
func freeRate(name string) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		s := find(r, name)
		if s == nil {
			return 0, false
		}
		return float64(runtime.NumCPU()) * 1e6 / (spreadOf(s.Runs, total).median - spreadOf(s.Runs, server).median), true
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

// alone is a contestant's median latency against that of an echo and of a call of the database, together.
func alone(name, call string) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		s, echo, direct := find(r, name), find(r, "raw-own"), find(r, call)
		if s == nil || echo == nil || direct == nil {
			return 0, false
		}
		return spreadOf(s.Runs, p50).median / (spreadOf(echo.Runs, p50).median + spreadOf(direct.Runs, p50).median), true
	}
}

// tail is how much longer the slowest hundredth waits than half of the requests do.
func tail(name string) func(*suite.Result) (float64, bool) {
	return func(r *suite.Result) (float64, bool) {
		s := find(r, name)
		if s == nil {
			return 0, false
		}
		return spreadOf(s.Runs, func(m *suite.Measure) float64 { return m.P99 / m.P50 }).median, true
	}
}

// goals writes the goals beside what was measured.
func goals(w *bytes.Buffer, files []*File) {
	fmt.Fprint(w, "\n## Goals\n\n| goal | wanted | measured | met | the echo | limit here |\n|---|---:|---:|---|---:|---:|\n")
	for _, g := range projectGoals {
		for _, f := range files {
			if f.Result.Name == g.class {
				g.write(w, f.Result)
			}
		}
	}
	fmt.Fprint(w, limits)
}

// limits explains the last two columns.
const limits = `
*The echo* is what amqp091-go over our connection makes of the same goal in the same run, one goroutine that looks at
nothing. *Limit here* is what the machine allowed. For a rate: what a server that costs nothing at all would reach against the
same peer, with broker, database and client costing what they cost. For T1, its CPU and its latencies: what the hand-written
service over our connection needed; for T1 alone, that service against one round trip and one SELECT.
`

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
	fmt.Fprintf(w, "| %s | %s %s | %s | %s | %s | %s |\n", g.text, sign, plain(g.want), plain(v), met, known(g.echo, r), known(g.limit, r))
}

// known is a value, or a dash where there is none.
func known(value func(*suite.Result) (float64, bool), r *suite.Result) string {
	if value != nil {
		if v, ok := value(r); ok {
			return plain(v)
		}
	}
	return "–"
}

func plain(v float64) string {
	if v >= 1000 {
		return round(v)
	}
	return fmt.Sprintf("%.2f", v)
}
