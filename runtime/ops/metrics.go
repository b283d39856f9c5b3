package ops

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// maxSeries bounds the label values of one metric. What comes on top shares
// one series whose labels read "overflow", so that no client can grow the
// node's memory by inventing names.
const maxSeries = 1000

const overflow = "overflow"

var (
	metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)
	labelName  = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// A Registry holds a node's metrics. Registering a bad or a second name is a
// programmer's error and panics; everything else is safe for concurrent use.
type Registry struct {
	mu       sync.Mutex
	families map[string]*family
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry { return &Registry{families: map[string]*family{}} }

// A family is one metric with all its series.
type family struct {
	name, help, kind string
	labels           []string
	create           func() sample

	mu     sync.RWMutex
	series map[string]*series
}

// A series is one combination of label values.
type series struct {
	values []string
	sample sample
}

// A sample knows how to write itself in the exposition format.
type sample interface {
	write(b []byte, name, labels string) []byte
}

func (r *Registry) register(name, help, kind string, labels []string, create func() sample) *family {
	if !metricName.MatchString(name) {
		panic(fmt.Sprintf("ops: %q is not a metric's name", name))
	}
	for _, l := range labels {
		if !labelName.MatchString(l) || strings.HasPrefix(l, "__") || kind == "histogram" && l == "le" {
			panic(fmt.Sprintf("ops: %q is not a label's name, in metric %s", l, name))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.families[name] != nil {
		panic("ops: metric " + name + " is registered twice")
	}
	f := &family{name: name, help: help, kind: kind, labels: labels, create: create, series: map[string]*series{}}
	r.families[name] = f
	return f
}

// with returns the sample for the label values, made on first use.
func (f *family) with(values []string) sample {
	if len(values) != len(f.labels) {
		panic(fmt.Sprintf("ops: metric %s has labels %v, got %d values", f.name, f.labels, len(values)))
	}
	clean := make([]string, len(values))
	for i, v := range values {
		clean[i] = strings.ToValidUTF8(v, "\uFFFD")
	}
	// 0xff occurs in no valid UTF-8, so the key is unambiguous.
	key := strings.Join(clean, "\xff")
	f.mu.RLock()
	s := f.series[key]
	f.mu.RUnlock()
	if s != nil {
		return s.sample
	}
	return f.add(key, clean)
}

func (f *family) add(key string, values []string) sample {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.series[key] == nil && len(f.series) >= maxSeries {
		for i := range values {
			values[i] = overflow
		}
		key = strings.Join(values, "\xff")
	}
	if f.series[key] == nil {
		f.series[key] = &series{values: values, sample: f.create()}
	}
	return f.series[key].sample
}

// sorted returns the series in a stable order.
func (f *family) sorted() []*series {
	f.mu.RLock()
	defer f.mu.RUnlock()
	keys := slices.Sorted(maps.Keys(f.series))
	out := make([]*series, len(keys))
	for i, k := range keys {
		out[i] = f.series[k]
	}
	return out
}
