package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/beds-project/beds/gen/rule"
)

func runRules(env *environment, args []string) error {
	var machine bool
	env.flags.BoolVar(&machine, "json", false, "print the rules for machines")
	rest, err := env.parse(args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 1 {
		r := rule.Get(rest[0])
		if r == nil {
			return usageError{fmt.Sprintf("there is no rule %q; bedsgen rules lists them", rest[0])}
		}
		if machine {
			return printJSON(env, ruleOf(r))
		}
		fmt.Fprintf(env.stdout, "%s: %s\n\n%s\n", r.ID, r.Doc, r.Cure)
		return nil
	}
	if machine {
		list := make([]ruleJSON, 0, len(rule.All()))
		for _, r := range rule.All() {
			list = append(list, ruleOf(r))
		}
		return printJSON(env, list)
	}
	w := tabwriter.NewWriter(env.stdout, 0, 8, 2, ' ', 0)
	for _, r := range rule.All() {
		fmt.Fprintf(w, "%s\t%s\n", r.ID, r.Doc)
	}
	return w.Flush()
}

type ruleJSON struct {
	ID   string `json:"rule"`
	Doc  string `json:"asks"`
	Cure string `json:"cure"`
}

func ruleOf(r *rule.Rule) ruleJSON { return ruleJSON{r.ID, r.Doc, r.Cure} }
