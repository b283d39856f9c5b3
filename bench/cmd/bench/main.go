// Command bench measures BEDS beside its peers; scripts/bench prepares the machine and calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/beds-project/beds/bench/report"
	"github.com/beds-project/beds/bench/suite"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	e, err := suite.NewEnv()
	if err != nil {
		return err
	}
	classes, err := flags(e)
	if err != nil {
		return err
	}
	// Only the whole of a class, as everybody would run it, may change the page.
	keep := !e.Short && e.Only == "" && len(e.Variants) == 0 && len(e.NodeEnv) == 0
	results := filepath.Join(e.Dir, "results")
	machine := report.Machine(ctx, e)
	r := &suite.Run{Env: e, Out: os.Stdout}
	for _, name := range classes {
		res, err := r.Class(ctx, name)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		if err := report.Save(results, &report.File{Command: os.Getenv("BENCH_COMMAND"), Machine: machine, Revision: report.Revision(), Result: res}); err != nil {
			return err
		}
	}
	if !keep {
		return nil
	}
	return report.Write(results, "docs")
}

// flags reads the command line into the environment and says which classes to run.
func flags(e *suite.Env) ([]string, error) {
	classes := suite.Names()
	flag.BoolVar(&e.Short, "short", false, "one short round of each class, to see that everything works; the numbers mean little")
	flag.Func("only", "run these `CLASS`es only, separated by commas: "+strings.Join(classes, ", "), func(s string) error {
		classes = strings.Split(s, ",")
		return nil
	})
	flag.IntVar(&e.Rounds, "rounds", 3, "how often each contestant is measured")
	flag.DurationVar(&e.Duration, "duration", 3*time.Second, "of one measurement")
	flag.Float64Var(&e.Quiet, "quiet", 0.25, "repeat a measurement while other programs took more than so many `CORES`")
	flag.IntVar(&e.Tries, "tries", 4, "how often at most; the quietest one counts")
	flag.StringVar(&e.Only, "contestants", "", "only those whose name begins with one of these `PREFIX`es, separated by commas")
	flag.StringVar(&e.ProfileTo, "cpuprofile", "", "write CPU profiles of the node, one for each class, into this `folder`")
	flag.Func("node", "`KEY=VALUE` in the environment of every node, such as GOMAXPROCS=1; may be repeated", func(s string) error {
		e.NodeEnv = append(e.NodeEnv, s)
		return nil
	})
	flag.Func("variant", "`NAME:KEY=VALUE,…` a further node beside the default one; the key bin names another binary", func(s string) error {
		v, err := suite.ParseVariant(s)
		e.Variants = append(e.Variants, v)
		return err
	})
	flag.Parse()
	if e.Short {
		e.Rounds, e.Duration, e.Tries = 1, 500*time.Millisecond, 1
	}
	return classes, nil
}
