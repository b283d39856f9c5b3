package suite

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/bench/probe"
)

// profileFor is how long a profile is taken, in a window of its own that is not counted.
const profileFor = 15 * time.Second

// profile writes a CPU profile of each contestant's server under the load of the class.
func (e *Env) profile(ctx context.Context, c *Class, out io.Writer) error {
	if e.ProfileTo == "" {
		return nil
	}
	if err := os.MkdirAll(e.ProfileTo, 0o755); err != nil {
		return err
	}
	for _, ct := range c.Contestants {
		if ct.Server == nil {
			continue
		}
		done := make(chan error, 1)
		file := filepath.Join(e.ProfileTo, c.Name+"-"+ct.Name+".pprof")
		win := load.Window{Warmup: time.Second, Duration: profileFor + time.Second, Begin: func() {
			go func() { done <- save(ct.Server, file) }()
		}}
		if _, err := ct.Drive(ctx, win); err != nil {
			return err
		}
		if err := <-done; err != nil {
			return err
		}
		fmt.Fprintf(out, "  profile of %s: go tool pprof -top %s\n", ct.Name, file)
	}
	return nil
}

func save(s *Server, file string) error {
	data, err := probe.Profile(s.probe, profileFor)
	if err != nil {
		return err
	}
	return os.WriteFile(file, data, 0o644)
}
