package main

import (
	"encoding/json"
	"fmt"
	"path"

	"github.com/beds-project/beds/gen/memo"
	"github.com/beds-project/beds/gen/output"
)

func runGenerate(env *environment, args []string) error {
	var l layout
	var quiet, force bool
	l.bind(env)
	env.flags.BoolVar(&quiet, "q", false, "print nothing but findings")
	env.flags.BoolVar(&force, "force", false, "look at every file, whatever the last run is remembered to have written")
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
	g := newGeneration(&l, e)
	var old *memo.Memo
	if !force {
		old = memo.Read(g.memo, g.key)
	}
	diffs, next, err := g.changes(old)
	if err == nil && next == nil {
		diffs, next, err = g.everything(env)
	}
	if err != nil || quiet {
		return err
	}
	return report(env, l.format, diffs, len(next.Templates))
}

// report says what was written; the manifests are not worth a line.
func report(env *environment, format string, diffs []output.Difference, templates int) error {
	if format == "json" {
		return printResult(env, templates, diffs)
	}
	verbs := map[output.Kind]string{output.Missing: "wrote", output.Changed: "updated", output.Stale: "removed"}
	shown := 0
	for _, d := range diffs {
		if path.Base(d.Path) == output.ManifestName {
			continue
		}
		shown++
		fmt.Fprintf(env.stdout, "%-8s %s\n", verbs[d.Kind], d.Path)
	}
	if shown == 0 {
		fmt.Fprintf(env.stdout, "bedsgen: %s, everything up to date\n", count(templates, "template"))
		return nil
	}
	fmt.Fprintf(env.stdout, "bedsgen: %s, %s changed\n", count(templates, "template"), count(shown, "file"))
	return nil
}

// printResult is for machines: what was written, or by check what would be.
func printResult(env *environment, templates int, diffs []output.Difference) error {
	type file struct {
		Path string      `json:"path"`
		Kind output.Kind `json:"kind"`
	}
	files := make([]file, len(diffs))
	for i, d := range diffs {
		files[i] = file{d.Path, d.Kind}
	}
	return printJSON(env, struct {
		Templates int    `json:"templates"`
		Files     []file `json:"files"`
	}{templates, files})
}

func printJSON(env *environment, v any) error {
	out := json.NewEncoder(env.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
