package main

import (
	"fmt"
	"path"
	"path/filepath"

	"github.com/beds-project/beds/gen/emit/docs"
	"github.com/beds-project/beds/gen/output"
)

func runDocs(env *environment, args []string) error {
	var l layout
	var out string
	l.bindInput(env)
	env.flags.StringVar(&out, "o", "docs/domains", "`folder` for the pages, below the root; pages of templates that are gone are removed from it")
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	if !filepath.IsLocal(out) || path.Clean(out) == "." {
		return usageError{fmt.Sprintf("-o must be a folder below the root, not %q", out)}
	}
	if err := l.checkFormat(); err != nil {
		return err
	}
	set, err := l.load(env)
	if err != nil {
		return err
	}
	tree := output.Tree{Root: l.root, Dirs: []string{path.Clean(out)}}
	diffs, err := tree.Compare(docs.Files(path.Clean(out), set))
	if err == nil {
		err = tree.Apply(diffs)
	}
	if err != nil {
		return err
	}
	return report(env, l.format, diffs, len(set.Templates))
}
