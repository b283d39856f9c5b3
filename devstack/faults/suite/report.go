package suite

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/stack"
)

// Report is one run.
type Report struct {
	Command  string
	Seed     uint64
	Versions string
	Began    time.Time
	Outcomes []*Outcome
	SelfTest []string
}

// Total sums up all cases.
func (r *Report) Total() (c check.Counters) {
	for _, o := range r.Outcomes {
		c.Add(o.Counters)
	}
	return c
}

// Slopes are how a node's resources grow in one process, in units a minute, over the
// samples taken between the cases, without load, of the process that lived longest.
func (r *Report) Slopes() string {
	byPID := map[int][]stack.Sample{}
	longest := 0
	for _, o := range r.Outcomes {
		byPID[o.Idle.PID] = append(byPID[o.Idle.PID], o.Idle)
		if o.Idle.PID != 0 && len(byPID[o.Idle.PID]) > len(byPID[longest]) {
			longest = o.Idle.PID
		}
	}
	all := byPID[longest]
	if longest == 0 || len(all) < 3 {
		return "What the node uses: too few cases in one process to say."
	}
	first, last := all[0], all[len(all)-1]
	var b strings.Builder
	fmt.Fprintf(&b, "One process, without load, after each of %d cases in %s:", len(all), last.At.Sub(first.At).Round(time.Second))
	for _, m := range []struct {
		name  string
		value func(stack.Sample) float64
	}{
		{"memory (MiB)", func(s stack.Sample) float64 { return s.RSS }},
		{"goroutines", func(s stack.Sample) float64 { return s.Goroutines }},
		{"descriptors", func(s stack.Sample) float64 { return s.Files }},
		{"connections", func(s stack.Sample) float64 { return s.Sockets }},
	} {
		fmt.Fprintf(&b, "\n  %-13s %7.1f at first, %7.1f at last, slope %+.2f a minute", m.name, m.value(first), m.value(last), stack.Slope(all, m.value))
	}
	return b.String()
}

// Markdown is docs/faults.md.
func (r *Report) Markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Faults: nothing lost, nothing twice

Written by `+"`%s`"+` on %s; every number was seen in that run. Seed %d.

%s

What the columns say: **attempted** operations have a key each; **acknowledged** ones were answered with ok;
**ok** are those that the databases hold exactly so; **recovered** were acknowledged after a first attempt that failed;
**refused** ended with an error that the case gives cause for; **recovery** is the time from the end of the fault to the
first success in both stores; **meanwhile** are the successes a second in MariaDB and MongoDB during the fault. lost, unexpected and duplicated must be 0. The checker (devstack/faults/check) knows only
the generator's journal, the dead letters and both databases; a trigger in MariaDB witnesses every effect.

| case | attempted | acknowledged | ok | lost | unexpected | duplicated | recovered | refused | dead letters | recovery (s) | meanwhile (1/s) |
|---|---|---|---|---|---|---|---|---|---|---|---|
`, r.Command, r.Began.UTC().Format("2006-01-02"), r.Seed, machine()+"\n"+r.Versions)
	for _, o := range r.Outcomes {
		row(&b, o.Name, o.Counters, fmt.Sprintf("%.2f | %.0f, %.0f", o.Recovery.Seconds(), o.Meanwhile[0], o.Meanwhile[1]))
	}
	row(&b, "**all**", r.Total(), "|")
	fmt.Fprintf(&b, "\n## What the cases do\n\n")
	for _, o := range r.Outcomes {
		fmt.Fprintf(&b, "* `%s`: %s", o.Name, o.Doc)
		if len(o.Notes) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(o.Notes, "; "))
		}
		fmt.Fprintln(&b)
	}
	r.appendix(&b)
	return b.Bytes()
}

func (r *Report) appendix(b *bytes.Buffer) {
	fmt.Fprintf(b, "\n## What the node uses\n\n```\n%s\n```\n", r.Slopes())
	if len(r.SelfTest) > 0 {
		fmt.Fprintf(b, "\n## The checker can fail\n\nEach of these breaks the promises on purpose, and the checker saw it:\n\n```\n%s\n```\n", strings.Join(r.SelfTest, "\n"))
	}
	if t := r.Total(); t.Failed() {
		fmt.Fprintf(b, "\n## Findings\n\n")
		for _, o := range r.Outcomes {
			for _, f := range o.Findings[:min(len(o.Findings), 5)] {
				fmt.Fprintf(b, "* `%s`: %s\n", o.Name, f)
			}
		}
	}
}

func row(b *bytes.Buffer, name string, c check.Counters, recovery string) {
	fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %s |\n", name, c.Attempted, c.Acknowledged, c.OK, c.Lost,
		c.Unexpected, c.Duplicated, c.Recovered, c.Refused, c.Dead, recovery)
}

// machine describes this one.
func machine() string {
	cpu := "unknown processor"
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for s := bufio.NewScanner(f); s.Scan(); {
			if _, name, ok := strings.Cut(s.Text(), "model name\t: "); ok {
				cpu = name
				break
			}
		}
	}
	return fmt.Sprintf("Machine: %s, %d processors, %s/%s, shared by the servers, the node, the load and the checker.",
		cpu, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
}

// Write puts the page where it belongs.
func (r *Report) Write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, r.Markdown(), 0o644)
}
