package ops

import (
	"math"
	"slices"
	"sort"
	"sync/atomic"
)

// A Counter only grows.
type Counter struct{ n atomic.Uint64 }

// Inc adds one.
func (c *Counter) Inc() { c.n.Add(1) }

// Add adds n.
func (c *Counter) Add(n uint64) { c.n.Add(n) }

// Value returns the count.
func (c *Counter) Value() uint64 { return c.n.Load() }

// A Gauge goes up and down.
type Gauge struct{ bits atomic.Uint64 }

// Set replaces the value.
func (g *Gauge) Set(v float64) { g.bits.Store(math.Float64bits(v)) }

// Add changes the value by v.
func (g *Gauge) Add(v float64) { addFloat(&g.bits, v) }

// Value returns the value.
func (g *Gauge) Value() float64 { return math.Float64frombits(g.bits.Load()) }

// A Histogram counts observations by size.
type Histogram struct {
	bounds []float64
	// counts has one more than bounds: what is above the last.
	counts []atomic.Uint64
	sum    atomic.Uint64
}

// Observe counts v. The first bound that is not less than v takes it.
func (h *Histogram) Observe(v float64) {
	h.counts[sort.SearchFloat64s(h.bounds, v)].Add(1)
	addFloat(&h.sum, v)
}

func addFloat(bits *atomic.Uint64, v float64) {
	for {
		old := bits.Load()
		if bits.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+v)) {
			return
		}
	}
}

// CounterVec is a counter for each combination of label values.
type CounterVec struct{ f *family }

// With returns the counter for the values, in the labels' order. Keep it where
// speed matters.
func (v *CounterVec) With(values ...string) *Counter { return v.f.with(values).(*Counter) }

// GaugeVec is a gauge for each combination of label values.
type GaugeVec struct{ f *family }

// With returns the gauge for the values, in the labels' order.
func (v *GaugeVec) With(values ...string) *Gauge { return v.f.with(values).(*Gauge) }

// HistogramVec is a histogram for each combination of label values.
type HistogramVec struct{ f *family }

// With returns the histogram for the values, in the labels' order.
func (v *HistogramVec) With(values ...string) *Histogram { return v.f.with(values).(*Histogram) }

// Counter registers a counter; its name ends in _total.
func (r *Registry) Counter(name, help string, labels ...string) *CounterVec {
	return &CounterVec{r.register(name, help, "counter", labels, func() sample { return new(Counter) })}
}

// Gauge registers a gauge.
func (r *Registry) Gauge(name, help string, labels ...string) *GaugeVec {
	return &GaugeVec{r.register(name, help, "gauge", labels, func() sample { return new(Gauge) })}
}

// CounterFunc registers a counter that is read when somebody asks. A second
// value under one name and other labels is what [Registry.Counter] is for.
func (r *Registry) CounterFunc(name, help string, read func() float64) {
	r.register(name, help, "counter", nil, func() sample { return funcSample(read) }).with(nil)
}

// GaugeFunc registers a gauge that is read when somebody asks.
func (r *Registry) GaugeFunc(name, help string, read func() float64) {
	r.register(name, help, "gauge", nil, func() sample { return funcSample(read) }).with(nil)
}

// Histogram registers a histogram with the upper bounds of its buckets, in
// ascending order; the one for everything above is added.
func (r *Registry) Histogram(name, help string, bounds []float64, labels ...string) *HistogramVec {
	bounds = slices.Clone(bounds)
	for i, b := range bounds {
		if math.IsNaN(b) || math.IsInf(b, 0) || i > 0 && b <= bounds[i-1] {
			panic("ops: bounds of histogram " + name + " must be finite and ascend")
		}
	}
	return &HistogramVec{r.register(name, help, "histogram", labels, func() sample {
		return &Histogram{bounds: bounds, counts: make([]atomic.Uint64, len(bounds)+1)}
	})}
}

// LatencyBounds are buckets in seconds for what takes from a tenth of a
// millisecond to ten seconds.
var LatencyBounds = []float64{
	.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10,
}
