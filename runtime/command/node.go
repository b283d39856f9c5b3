package command

import (
	"context"
	"fmt"
	"time"

	"github.com/beds-project/beds/runtime/node"
)

func (a *App) runNode(ctx context.Context, args []string) error {
	if _, err := a.parse(args, 0, 0); err != nil {
		return err
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	return node.Run(ctx, node.Options{Config: cfg, Registrations: a.registrations, Console: a.stderr, Version: Version()})
}

func (a *App) runCheck(ctx context.Context, args []string) error {
	var show bool
	a.flags.BoolVar(&show, "show", false, "print the configuration in effect, without secrets")
	if _, err := a.parse(args, 0, 0); err != nil {
		return err
	}
	cfg, err := a.load()
	if err != nil {
		return err
	}
	if show {
		fmt.Fprintln(a.stdout, cfg.Redacted())
	}
	fmt.Fprintf(a.stdout, "ok    %-10s environment %s, node %s\n", "config", cfg.Env, cfg.Node)
	failed := false
	for _, r := range node.Check(ctx, cfg, a.registrations) {
		mark := "ok   "
		if r.Err != nil {
			mark, failed = "FAIL ", true
		}
		fmt.Fprintf(a.stdout, "%s %-10s %s", mark, r.Name, r.Note)
		if r.Err != nil {
			fmt.Fprintf(a.stdout, "%v", r.Err)
		}
		fmt.Fprintf(a.stdout, " (%s)\n", r.Took.Round(100*time.Microsecond))
	}
	if failed {
		return errReported
	}
	return nil
}
