package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/beds-project/beds/gen/rule"
)

func runRules(env *environment, args []string) error {
	rest, err := env.parse(args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 1 {
		r := rule.Get(rest[0])
		if r == nil {
			return usageError{fmt.Sprintf("there is no rule %q; bedsgen rules lists them", rest[0])}
		}
		fmt.Fprintf(env.stdout, "%s: %s\n\n%s\n", r.ID, r.Doc, r.Cure)
		return nil
	}
	w := tabwriter.NewWriter(env.stdout, 0, 8, 2, ' ', 0)
	for _, r := range rule.All() {
		fmt.Fprintf(w, "%s\t%s\n", r.ID, r.Doc)
	}
	return w.Flush()
}
