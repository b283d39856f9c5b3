// Command bedsgen turns REC templates into Go packages, SQL and MongoDB artefacts.
//
// Usage:
//
//	bedsgen [generate] [flags]     write what the templates say
//	bedsgen check [flags]          compare what is committed with what would be written
//	bedsgen init MODULE [flags]    start a module of your own in this folder
//	bedsgen new NAME [flags]       add a template, recs/NAME_rec.toml
//	bedsgen fmt [-l] [FILE...]     bring templates into the standard form
//	bedsgen schema [-o FILE]       print the JSON Schema of templates, for editors
//	bedsgen docs [-o FOLDER]       write Markdown pages about the domains, for people
//	bedsgen rules [RULE]           list the rules that templates are checked by
//	bedsgen version                print the version
//
// A module uses it through a tool directive and one line of Go:
//
//	go get -tool github.com/beds-project/beds/cmd/bedsgen
//	//go:generate go tool bedsgen
//
// generate remembers, in the user's cache folder, size and time of change of every
// file that it read and wrote, and looks only at templates and outputs where these
// have changed. -force does without, and so does check, which compares contents.
//
// -json prints findings and results for machines.
//
// Exit codes: 0 fine; 1 findings in templates, or files that differ; 2 wrong usage
// or a fault of the system, such as a folder that cannot be written.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Exit codes.
const (
	exitFine     = 0
	exitFindings = 1
	exitUsage    = 2
)

// errFindings ends a command whose findings have been printed.
var errFindings = errors.New("findings")

func main() {
	boundMemory(0)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// A command is one verb of the command line.
type command struct {
	name, args, doc string
	run             func(env *environment, args []string) error
}

// environment is what a command may use of the outside.
type environment struct {
	stdout, stderr io.Writer
	flags          *flag.FlagSet
}

func commands() []command {
	return []command{
		{"generate", "", "write what the templates say (the default)", runGenerate},
		{"check", "", "compare what is committed with what would be written", runCheck},
		{"init", "MODULE", "start a module of your own in this folder", runInit},
		{"new", "NAME", "add a template, recs/NAME_rec.toml", runNew},
		{"fmt", "[FILE…]", "bring templates into the standard form", runFmt},
		{"schema", "", "print the JSON Schema of templates, for editors", runSchema},
		{"docs", "", "write Markdown pages about the domains, for people", runDocs},
		{"rules", "[RULE]", "list the rules that templates are checked by", runRules},
		{"version", "", "print the version", runVersion},
	}
}

func run(args []string, stdout, stderr io.Writer) int {
	name := "generate"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	} else if len(args) > 0 && slices.Contains([]string{"-h", "-help", "--help"}, args[0]) {
		usage(stdout)
		return exitFine
	}
	if name == "help" {
		usage(stdout)
		return exitFine
	}
	all := commands()
	i := slices.IndexFunc(all, func(c command) bool { return c.name == name })
	if i < 0 {
		fmt.Fprintf(stderr, "bedsgen: there is no command %q; bedsgen help lists them\n", name)
		return exitUsage
	}
	env := &environment{stdout: stdout, stderr: stderr, flags: newFlags(name, stderr)}
	env.flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: bedsgen %s %s\n%s\n", name, all[i].args, all[i].doc)
		env.flags.PrintDefaults()
	}
	return exitCode(all[i].run(env, args), stderr)
}

func newFlags(name string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("bedsgen "+name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	return flags
}

func exitCode(err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return exitFine
	case errors.Is(err, errFindings):
		return exitFindings
	case errors.As(err, &usage):
		if usage.message != "" {
			fmt.Fprintln(stderr, "bedsgen:", usage.message)
		}
		return exitUsage
	}
	fmt.Fprintln(stderr, "bedsgen:", err)
	return exitUsage
}

// usageError is a wrong call; its message is empty where the flag package has
// printed one already.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

func usage(w io.Writer) {
	fmt.Fprint(w, "bedsgen turns REC templates into Go packages, SQL and MongoDB artefacts.\n\nusage: bedsgen [COMMAND] [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  %-8s %-8s %s\n", c.name, c.args, c.doc)
	}
	fmt.Fprint(w, `
bedsgen COMMAND -h lists the flags of a command.

Exit codes: 0 fine; 1 findings in templates, or files that differ;
2 wrong usage or a fault of the system.
`)
}

// parse reads the flags of a command and refuses more arguments than it takes.
// Flags may stand before and after the arguments.
func (e *environment) parse(args []string, max int) ([]string, error) {
	var rest []string
	for {
		if err := e.flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, usageError{}
		}
		args = e.flags.Args()
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	if len(rest) > max {
		return nil, usageError{fmt.Sprintf("unexpected argument %q; %s -h shows the usage", rest[max], e.flags.Name())}
	}
	return rest, nil
}
