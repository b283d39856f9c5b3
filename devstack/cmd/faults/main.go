// Command faults breaks a running BEDS in every way that it knows and checks from
// outside that nothing was lost and nothing happened twice. scripts/faults builds
// and starts what it needs.
//
// Exit codes: 0 all promises held; 1 a promise was broken, or the checker did not see
// a sabotage; 2 wrong usage, or the suite itself could not work.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/beds-project/beds/devstack/faults/suite"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

type options struct {
	suite.Config
	only, report, command string
	list, selfTest        bool
	mixes                 int
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("faults", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.Root, "root", ".", "`folder` of the repository")
	f.StringVar(&o.Dir, "dir", ".beds-faults", "`folder` of the private servers")
	f.StringVar(&o.Binary, "node", "", "the node's `binary`")
	f.StringVar(&o.Old, "old", "", "an older `binary` for old and new side by side")
	f.StringVar(&o.NoOld, "no-old", "none was given (-old)", "`why` there is no older binary")
	f.StringVar(&o.Clock, "clock", "", "a `binary` whose wall clock can be stepped")
	f.StringVar(&o.Faketime, "faketime", "", "the `library` that changes a server's clock")
	f.StringVar(&o.Broken, "broken", "", "a `binary` with a planted fault, for the self-test")
	f.StringVar(&o.NodeDir, "config", "", "`folder` of the node's configuration")
	f.BoolVar(&o.Short, "short", false, "the short form: the main cases, at most two minutes")
	f.Uint64Var(&o.Seed, "seed", 1, "of all that is random")
	f.DurationVar(&o.Duration, "duration", 20*time.Second, "of each random mix")
	f.IntVar(&o.Rate, "rate", 120, "operations begun a second")
	f.IntVar(&o.mixes, "mixes", -1, "number of random mixes; 3, or 0 in the short form")
	f.StringVar(&o.only, "only", "", "cases whose names begin so; commas between several; mix is one")
	f.BoolVar(&o.list, "list", false, "list the cases and do nothing")
	f.BoolVar(&o.selfTest, "selftest", false, "only show that the checker can fail; the short form and the whole include it")
	f.StringVar(&o.report, "report", "", "`file` for the report, such as docs/faults.md")
	f.StringVar(&o.command, "command", "scripts/faults", "what the report says it was made by")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.mixes < 0 {
		o.mixes = 3
		if o.Short || o.only != "" && !strings.Contains(o.only, "mix") {
			o.mixes = 0
		}
	}
	o.AMQP, o.MariaDSN, o.MongoURI = os.Getenv("BEDS_TEST_AMQP_URL"), os.Getenv("BEDS_TEST_MARIADB_ROOT_DSN"), os.Getenv("BEDS_TEST_MONGODB_URI")
	return o, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	if o.list {
		for _, f := range suite.Cases() {
			fmt.Fprintf(stdout, "%-26s %s\n", f.Name, f.Doc)
		}
		return 0
	}
	broken, err := o.work(ctx, stdout)
	if err != nil {
		fmt.Fprintln(stderr, "faults:", err)
	}
	switch {
	case broken:
		return 1
	case err != nil:
		return 2
	}
	return 0
}

// work runs everything and says whether a promise was broken.
func (o *options) work(ctx context.Context, out io.Writer) (broken bool, err error) {
	env, err := suite.NewEnv(ctx, o.Config)
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if cerr := env.Close(ctx); err == nil {
			err = cerr
		}
	}()
	if err != nil {
		return false, err
	}
	runner, err := suite.NewRunner(env)
	if err != nil {
		return false, err
	}
	report := &suite.Report{Command: o.command, Seed: o.Seed, Began: time.Now(), Versions: env.Versions(ctx)}
	if !o.selfTest {
		for _, f := range o.cases() {
			outcome, err := runner.Run(ctx, f)
			if err != nil {
				return report.Total().Failed(), fmt.Errorf("%s: %w", f.Name, err)
			}
			report.Outcomes = append(report.Outcomes, outcome)
			show(out, outcome)
			if ctx.Err() != nil {
				return report.Total().Failed(), ctx.Err()
			}
		}
	}
	if o.only == "" {
		err = runner.SelfTest(ctx, func(line string) {
			report.SelfTest = append(report.SelfTest, line)
			fmt.Fprintln(out, line)
		})
	}
	return o.conclude(out, report) || err != nil, err
}

func (o *options) cases() []suite.Fault {
	list := suite.Pick(o.only, o.Short)
	for i := range o.mixes {
		list = append(list, suite.Mix(o.Seed+uint64(i), o.Duration))
	}
	return list
}

// show prints one case, and what was found, the first of it.
func show(out io.Writer, o *suite.Outcome) {
	fmt.Fprintln(out, o.Line())
	for _, n := range o.Notes {
		fmt.Fprintln(out, "       ", n)
	}
	const most = 8
	for i, f := range o.Findings {
		if i == most {
			fmt.Fprintf(out, "        … and %d more\n", len(o.Findings)-most)
			break
		}
		fmt.Fprintln(out, "       ", f)
	}
}

// conclude prints the total and writes the report.
func (o *options) conclude(out io.Writer, r *suite.Report) (broken bool) {
	if len(r.Outcomes) > 0 {
		t := r.Total()
		fmt.Fprintf(out, "\n%d cases, seed %d, %s: attempted %d, acknowledged %d, ok %d, lost %d, unexpected %d, duplicated %d, recovered %d, refused %d, dead %d\n",
			len(r.Outcomes), o.Seed, time.Since(r.Began).Round(time.Second), t.Attempted, t.Acknowledged, t.OK, t.Lost, t.Unexpected, t.Duplicated,
			t.Recovered, t.Refused, t.Dead)
		fmt.Fprintln(out, r.Slopes())
	}
	if o.report != "" {
		if err := r.Write(o.report); err != nil {
			fmt.Fprintln(out, "faults: the report:", err)
		}
	}
	return r.Total().Failed()
}
