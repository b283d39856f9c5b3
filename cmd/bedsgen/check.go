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
	u, err := l.tree().Check()
	if err == nil {
		_, err = e.all(set, u.Add)
	}
	diffs, err := u.End(err)
	if err != nil {
		return err
	}
	if l.format == "json" {
		err := printResult(env, len(set.Templates), diffs)
		if err == nil && len(diffs) > 0 {
			err = errFindings
		}
		return err
	}
	if len(diffs) == 0 {
		fmt.Fprintf(env.stdout, "bedsgen: %s, everything up to date\n", count(len(set.Templates), "template"))
		return nil
	}
	output.Print(env.stdout, diffs)
	fmt.Fprintf(env.stderr, "bedsgen: not what the templates say: %s; run bedsgen generate and commit the result\n", count(len(diffs), "file"))
	return errFindings
}
