//go:build unix

package main

import (
	"cmp"
	"fmt"
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
	user, system time.Duration
	peak         int64 // bytes, of the largest process
}

func (c cost) sum() time.Duration { return c.user + c.system }

// measure runs a command and returns its cost.
func (b *bench) measure(dir, name string, args ...string) (cost, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod",
		"XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"), "GOCACHE="+filepath.Join(b.dir, "gocache"))
	if out, err := cmd.CombinedOutput(); err != nil {
		return cost{}, fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	peak := int64(u.Maxrss)
	if runtime.GOOS != "darwin" {
		peak *= 1024 // kibibytes but on macOS
	}
	return cost{cmd.ProcessState.UserTime(), cmd.ProcessState.SystemTime(), peak}, nil
}

// median repeats a measurement. prepare makes the state before each run.
func (b *bench) median(label string, runs int, prepare func(i int) error, measure func() (cost, error)) error {
	var costs []cost
	for i := range runs {
		if err := prepare(i); err != nil {
			return err
		}
		c, err := measure()
		if err != nil {
			return err
		}
		costs = append(costs, c)
	}
	slices.SortFunc(costs, func(a, b cost) int { return cmp.Compare(a.sum(), b.sum()) })
	m := costs[len(costs)/2]
	fmt.Printf("%-34s %10.3f %10.3f %10.3f %12.1f   (%.3f to %.3f)\n", label, m.user.Seconds(), m.system.Seconds(), m.sum().Seconds(),
		float64(m.peak)/(1<<20), costs[0].sum().Seconds(), costs[len(costs)-1].sum().Seconds())
	return nil
}
