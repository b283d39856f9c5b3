// Package report turns what was measured into docs/benchmarks.md and its plots.
package report

import (
	"slices"

	"github.com/beds-project/beds/bench/suite"
)

// spread is the median of some runs with the smallest and the largest.
type spread struct{ median, min, max float64 }

func spreadOf(runs []suite.Measure, of func(*suite.Measure) float64) spread {
	values := make([]float64, 0, len(runs))
	for i := range runs {
		if !runs[i].Overloaded {
			values = append(values, of(&runs[i]))
		}
	}
	if len(values) == 0 {
		return spread{}
	}
	slices.Sort(values)
	n := len(values)
	return spread{median: (values[(n-1)/2] + values[n/2]) / 2, min: values[0], max: values[n-1]}
}

// The measures that tables and plots show.
func rate(m *suite.Measure) float64     { return m.Rate }
func p50(m *suite.Measure) float64      { return m.P50 }
func p99(m *suite.Measure) float64      { return m.P99 }
func server(m *suite.Measure) float64   { return m.ServerCPU }
func broker(m *suite.Measure) float64   { return m.BrokerCPU }
func database(m *suite.Measure) float64 { return m.DatabaseCPU }
func client(m *suite.Measure) float64   { return m.ClientCPU }
func total(m *suite.Measure) float64    { return m.TotalCPU }
func allocs(m *suite.Measure) float64   { return m.Allocs }
func kilobytes(m *suite.Measure) float64 {
	if m.Bytes < 0 {
		return m.Bytes
	}
	return m.Bytes / 1000
}
func foreign(m *suite.Measure) float64 { return m.Foreign }

// overloaded says whether a contestant could not keep up in most of its runs.
func overloaded(s *suite.Series) bool {
	n := 0
	for i := range s.Runs {
		if s.Runs[i].Overloaded {
			n++
		}
	}
	return 2*n > len(s.Runs)
}

// find returns the series of a name, or nil.
func find(r *suite.Result, name string) *suite.Series {
	for i := range r.Series {
		if r.Series[i].Name == name {
			return &r.Series[i]
		}
	}
	return nil
}
