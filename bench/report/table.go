package report

import (
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/beds-project/beds/bench/suite"
)

// table writes the table of a class. Rates are compared with the first contestant's, and so is what a transaction
// costs all processes together, which other people's load on the machine disturbs less.
func table(w io.Writer, r *suite.Result) {
	fmt.Fprintf(w, "| contestant | %s/s, median (min–max) | rate ÷ %s | CPU of %s ÷ its own | p50 ms | p99 ms | server µs | broker µs | database µs | client µs | all µs | allocations | kB |\n",
		r.Unit, r.Series[0].Name, r.Series[0].Name)
	fmt.Fprintln(w, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
	first := &r.Series[0]
	for i := range r.Series {
		row(w, &r.Series[i], first)
	}
	fmt.Fprintln(w)
}

func row(w io.Writer, s, first *suite.Series) {
	if overloaded(s) {
		fmt.Fprintf(w, "| %s | does not keep up |||||||||||\n", s.Name)
		return
	}
	rates := spreadOf(s.Runs, rate)
	cells := []string{
		s.Name, fmt.Sprintf("%s (%s–%s)", round(rates.median), round(rates.min), round(rates.max)),
		ratio(rates.median, spreadOf(first.Runs, rate).median), ratio(spreadOf(first.Runs, total).median, spreadOf(s.Runs, total).median),
		ms(spreadOf(s.Runs, p50).median), ms(spreadOf(s.Runs, p99).median),
	}
	for _, of := range []func(*suite.Measure) float64{server, broker, database, client, total} {
		cells = append(cells, tenth(spreadOf(s.Runs, of).median))
	}
	cells = append(cells, whole(spreadOf(s.Runs, allocs).median), tenth(spreadOf(s.Runs, kilobytes).median))
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

// round writes a rate with three digits that mean something.
func round(v float64) string {
	if v <= 0 {
		return "0"
	}
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(v))-2))
	return thousands(int(math.Round(v/unit) * unit))
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func ratio(a, b float64) string {
	if b <= 0 || a <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f", a/b)
}

func ms(us float64) string { return fmt.Sprintf("%.2f", us/1000) }

func tenth(v float64) string {
	if v < 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", v)
}

func whole(v float64) string {
	if v < 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f", v)
}
