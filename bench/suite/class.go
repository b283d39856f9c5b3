package suite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/beds-project/beds/bench/load"
)

// A Contestant takes part in a class.
type Contestant struct {
	Name, Doc string
	Server    *Server // nil when the benchmark itself calls a database
	Ops       int     // operations in one request; 0 is 1
	Drive     func(ctx context.Context, win load.Window) (*load.Sample, error)
	Offered   float64 // open loop: requests a second
}

// A Class compares contestants that do the same work.
type Class struct {
	Name, Title, Doc string
	Unit             string // what is counted
	Contestants      []*Contestant
	Before           func(context.Context) error // makes the same state for every measure; may be nil
}

// Series are all measures of one contestant.
type Series struct {
	Name, Doc string
	Offered   float64 `json:",omitempty"`
	Runs      []Measure
}

// A Result is a class that was run.
type Result struct {
	Name, Title, Doc, Unit string
	When                   time.Time
	Seconds                float64 // of one window
	Rounds                 int
	Settings               string // of the servers, where they matter
	Series                 []Series
}

// run measures every contestant once a round, each round beginning with another one, so that whatever else the
// machine does meets all of them alike.
func (e *Env) run(ctx context.Context, c *Class, out io.Writer) (*Result, error) {
	if e.Only != "" {
		c.Contestants = slices.DeleteFunc(c.Contestants, func(c *Contestant) bool {
			return !slices.ContainsFunc(strings.Split(e.Only, ","), func(p string) bool { return strings.HasPrefix(c.Name, p) })
		})
	}
	r := &Result{Name: c.Name, Title: c.Title, Doc: c.Doc, Unit: c.Unit, When: time.Now(), Seconds: e.Duration.Seconds(), Rounds: e.Rounds}
	for _, ct := range c.Contestants {
		r.Series = append(r.Series, Series{Name: ct.Name, Doc: ct.Doc, Offered: ct.Offered})
	}
	fmt.Fprintf(out, "\n%s  %s\n", c.Name, c.Title)
	win := load.Window{Warmup: min(e.Duration/3, time.Second), Duration: e.Duration}
	for round := range e.Rounds {
		for i := range c.Contestants {
			i = (i + round) % len(c.Contestants)
			ct := c.Contestants[i]
			if c.Before != nil {
				if err := c.Before(ctx); err != nil {
					return nil, fmt.Errorf("%s: %w", c.Name, err)
				}
			}
			m, err := e.quietly(ctx, ct, win)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", c.Name, err)
			}
			m.Offered = ct.Offered
			r.Series[i].Runs = append(r.Series[i].Runs, m)
			fmt.Fprintf(out, "  round %d  %-26s %9.0f/s  p50 %7.0f µs  p99 %8.0f µs  server %5.1f broker %5.1f db %5.1f client %5.1f total %6.1f µs  %5.0f allocs  foreign %.2f cores%s\n",
				round+1, ct.Name, m.Rate, m.P50, m.P99, m.ServerCPU, m.BrokerCPU, m.DatabaseCPU, m.ClientCPU, m.TotalCPU, m.Allocs, m.Foreign, m.complaint())
		}
	}
	return r, e.profile(ctx, c, out)
}

// quietly measures, again where other programs took more than Quiet cores of the machine, at most Tries times; the
// measure with the least disturbance counts.
func (e *Env) quietly(ctx context.Context, ct *Contestant, win load.Window) (best Measure, err error) {
	for try := range max(1, e.Tries) {
		m, err := e.measure(ctx, ct, win)
		if err != nil {
			if ctx.Err() != nil || !errors.Is(err, load.ErrOverloaded) {
				return m, err
			}
			m.Overloaded = true
		}
		if try == 0 || best.Overloaded || !m.Overloaded && m.Foreign < best.Foreign {
			best = m
		}
		if !best.Overloaded && best.Foreign <= e.Quiet {
			break
		}
	}
	return best, nil
}

// complaint says what was wrong with a run.
func (m *Measure) complaint() string {
	var b strings.Builder
	if m.Overloaded {
		b.WriteString("  OVERLOADED")
	}
	if m.Bad > 0 {
		fmt.Fprintf(&b, "  BAD %d", m.Bad)
	}
	if m.Lost > 0 {
		fmt.Fprintf(&b, "  LOST %d", m.Lost)
	}
	return b.String()
}
