// Package command is the command line of a node's binary. A module of its own
// links its generated packages with it in three lines:
//
//	func main() {
//		os.Exit(command.Main("beds", generated.Registrations(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
//	}
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/config"
)

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1 // the command ran and failed, or the reply is an error
	exitUsage  = 2 // wrong usage or configuration
)

// App is one run of the command line.
type App struct {
	name           string
	registrations  []runtime.Registration
	stdin          io.Reader
	stdout, stderr io.Writer
	flags          *flag.FlagSet
	configDir, env string
}

type verb struct {
	name, args, doc string
	run             func(a *App, ctx context.Context, args []string) error
}

func verbs() []verb {
	return []verb{
		{"run", "", "run the node until SIGINT or SIGTERM", (*App).runNode},
		{"check", "", "check configuration, connections and installed objects; starts nothing", (*App).runCheck},
		{"call", "TEMPLATE OP [JSON]", "send one request and print the reply", (*App).runCall},
		{"ping", "[TEMPLATE]", "send a ping and print the time that it took", (*App).runPing},
		{"sql", "install", "install sql/ in the databases", (*App).runSQL},
		{"dlq", "list|show|replay|purge QUEUE", "look after dead letters", (*App).runDLQ},
		{"version", "", "print the version", (*App).runVersion},
	}
}

// Main runs the command line and returns the process's exit code. It handles
// SIGINT and SIGTERM: the first ends the command cleanly, the second at once.
func Main(name string, registrations []runtime.Registration, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from then on a signal has its default effect
	a := &App{name: name, registrations: registrations, stdin: stdin, stdout: stdout, stderr: stderr}
	return a.exitCode(a.dispatch(ctx, args))
}

func (a *App) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		a.usage()
		if len(args) == 0 {
			return usageError{}
		}
		return nil
	}
	all := verbs()
	i := slices.IndexFunc(all, func(v verb) bool { return v.name == args[0] })
	if i < 0 {
		return usageError{fmt.Sprintf("there is no command %q; %s help lists them", args[0], a.name)}
	}
	v := all[i]
	a.flags = flag.NewFlagSet(a.name+" "+v.name, flag.ContinueOnError)
	a.flags.SetOutput(a.stderr)
	a.flags.StringVar(&a.configDir, "config", defaultConfig(), "`folder` of beds.toml and env_*.toml; BEDS_CONFIG names another default")
	a.flags.StringVar(&a.env, "env", "", "dev, qa or prod; the default is BEDS_ENV, then dev")
	a.flags.Usage = func() {
		fmt.Fprintf(a.stderr, "usage: %s %s [flags] %s\n%s\n", a.name, v.name, v.args, v.doc)
		a.flags.PrintDefaults()
	}
	return v.run(a, ctx, args[1:])
}

func defaultConfig() string {
	if dir := os.Getenv("BEDS_CONFIG"); dir != "" {
		return dir
	}
	return config.DefaultDir
}

func (a *App) usage() {
	fmt.Fprintf(a.stdout, "%s is a BEDS node and its operator's commands.\n\nusage: %s COMMAND [flags]\n\n", a.name, a.name)
	for _, v := range verbs() {
		fmt.Fprintf(a.stdout, "  %-8s %-29s %s\n", v.name, v.args, v.doc)
	}
	fmt.Fprintf(a.stdout, `
%s COMMAND -h lists the flags of a command.

Exit codes: 0 fine; 1 the command failed, or the reply is an error;
2 wrong usage or configuration.
`, a.name)
}

type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

// errReported ends a command that has printed what is wrong.
var errReported = errors.New("reported")

func (a *App) exitCode(err error) int {
	var usage usageError
	var bad config.Errors
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &usage):
		if usage.message != "" {
			fmt.Fprintf(a.stderr, "%s: %s\n", a.name, usage.message)
		}
		return exitUsage
	case errors.As(err, &bad):
		fmt.Fprintln(a.stderr, err)
		return exitUsage
	}
	fmt.Fprintf(a.stderr, "%s: %v\n", a.name, err)
	return exitFailed
}

// parse reads flags, which may stand before and after arguments, and refuses
// fewer than min or more than max arguments.
func (a *App) parse(args []string, min, max int) ([]string, error) {
	var rest []string
	for {
		if err := a.flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{}
		}
		if args = a.flags.Args(); len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	if len(rest) < min || len(rest) > max {
		a.flags.Usage()
		return nil, usageError{}
	}
	return rest, nil
}

func (a *App) load() (*config.Config, error) {
	return config.Load(config.Options{Dir: a.configDir, Env: a.env})
}

// Version is the version of the module that the binary was built from.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(v, s.Value[:min(len(s.Value), 12)]) {
			v += " " + s.Value[:min(len(s.Value), 12)]
		}
	}
	return v
}

func (a *App) runVersion(_ context.Context, args []string) error {
	if _, err := a.parse(args, 0, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(a.stdout, "%s %s, %d templates\n", a.name, Version(), len(a.registrations))
	return err
}
