package main

import (
	"fmt"

	"github.com/beds-project/beds/gen/output"
)

func runCheck(env *environment, args []string) error {
	var l layout
	l.bind(env)
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	if err := l.check(); err != nil {
		return err
	}
	e, err := l.emission()
	if err != nil {
		return err
	}
	set, err := l.load(env)
	if err != nil {
		return err
	}
	files, err := e.all(set)
	if err != nil {
		return err
	}
	diffs, err := l.tree().Compare(files)
	if err != nil {
		return err
	}
	if len(diffs) == 0 {
		fmt.Fprintf(env.stdout, "bedsgen: %d templates, everything up to date\n", len(set.Templates))
		return nil
	}
	output.Print(env.stdout, diffs)
	fmt.Fprintf(env.stderr, "bedsgen: %d files differ from what the templates say; run bedsgen generate and commit the result\n", len(diffs))
	return errFindings
}
