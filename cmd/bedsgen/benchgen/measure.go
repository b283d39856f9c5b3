//go:build unix

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A cost is what one process, with those that it started, has used.
type cost struct {
	user, system, wall time.Duration
	peak               int64 // bytes, of the largest process
}

func (c cost) sum() time.Duration { return c.user + c.system }

// A row is a line of a table: the median of several runs, with the extremes of the sum.
type row struct {
	label     string
	cost      cost
	least, at time.Duration
}

// environ keeps the caches of what is measured apart from the user's.
func (b *bench) environ() []string {
	return append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off",
		"XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"), "GOCACHE="+filepath.Join(b.dir, "gocache"))
}

// measure runs a command and returns its cost and output.
func (b *bench) measure(dir string, stdin io.Reader, name string, args ...string) (cost, []byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env, cmd.Stdin = dir, b.environ(), stdin
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, nil, fmt.Errorf("%s %v: %w\n%.4000s%.4000s", name, args, err, stdout.Bytes(), stderr.Bytes())
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	peak := int64(u.Maxrss)
	if runtime.GOOS != "darwin" {
		peak *= 1024 // kibibytes but on macOS
	}
	return cost{cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime(), time.Since(start), peak}, stdout.Bytes(), nil
}

// median repeats a measurement. prepare makes the state before each run.
func (b *bench) median(label string, runs int, prepare func(i int) error, measure func() (cost, error)) (row, error) {
	var costs []cost
	for i := range runs {
		if err := prepare(i); err != nil {
			return row{}, err
		}
		c, err := measure()
		if err != nil {
			return row{}, err
		}
		costs = append(costs, c)
	}
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(a.sum(), b.sum()) })
	r := row{label, costs[len(costs)/2], costs[0].sum(), costs[len(costs)-1].sum()}
	b.print(r)
	return r, nil
}

func always(int) error { return nil }
