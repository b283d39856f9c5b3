package ops

import (
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// This file writes Prometheus' text exposition format, version 0.0.4.

// WriteTo writes all metrics, sorted by name and labels.
func (r *Registry) WriteTo(w io.Writer) (int64, error) {
	r.mu.Lock()
	names := slices.Sorted(maps.Keys(r.families))
	families := make([]*family, len(names))
	for i, name := range names {
		families[i] = r.families[name]
	}
	r.mu.Unlock()
	var b []byte
	for _, f := range families {
		b = f.write(b)
	}
	n, err := w.Write(b)
	return int64(n), err
}

func (f *family) write(b []byte) []byte {
	b = append(b, "# HELP "+f.name+" "+escapeHelp(f.help)+"\n"...)
	b = append(b, "# TYPE "+f.name+" "+f.kind+"\n"...)
	for _, s := range f.sorted() {
		b = s.sample.write(b, f.name, labelPairs(f.labels, s.values))
	}
	return b
}

var (
	helpEscaper  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	valueEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func escapeHelp(s string) string { return helpEscaper.Replace(strings.ToValidUTF8(s, "\uFFFD")) }

// labelPairs writes a="x",b="y" without the braces: a histogram adds one.
func labelPairs(names, values []string) string {
	pairs := make([]string, len(names))
	for i, name := range names {
		pairs[i] = name + `="` + valueEscaper.Replace(values[i]) + `"`
	}
	return strings.Join(pairs, ",")
}

// appendSample writes one line.
func appendSample(b []byte, name, labels, value string) []byte {
	b = append(b, name...)
	if labels != "" {
		b = append(b, '{')
		b = append(b, labels...)
		b = append(b, '}')
	}
	b = append(b, ' ')
	b = append(b, value...)
	return append(b, '\n')
}

func (c *Counter) write(b []byte, name, labels string) []byte {
	return appendSample(b, name, labels, strconv.FormatUint(c.Value(), 10))
}

func (g *Gauge) write(b []byte, name, labels string) []byte {
	return appendSample(b, name, labels, formatFloat(g.Value()))
}

// funcSample is read when it is written.
type funcSample func() float64

func (f funcSample) write(b []byte, name, labels string) []byte {
	return appendSample(b, name, labels, formatFloat(f()))
}

// write sums the buckets up: each one counts all that is not above its bound.
// The count is that of the last bucket, so the page agrees with itself even
// while observations come in.
func (h *Histogram) write(b []byte, name, labels string) []byte {
	comma := ""
	if labels != "" {
		comma = ","
	}
	var total uint64
	for i := range h.counts {
		bound := math.Inf(1)
		if i < len(h.bounds) {
			bound = h.bounds[i]
		}
		total += h.counts[i].Load()
		b = appendSample(b, name+"_bucket", labels+comma+`le="`+formatFloat(bound)+`"`, strconv.FormatUint(total, 10))
	}
	b = appendSample(b, name+"_sum", labels, formatFloat(math.Float64frombits(h.sum.Load())))
	return appendSample(b, name+"_count", labels, strconv.FormatUint(total, 10))
}

// formatFloat spells the infinities as Prometheus does; NaN is the same.
func formatFloat(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "+Inf"
	case math.IsInf(v, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
