package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/emit/golang"
	"github.com/beds-project/beds/gen/emit/mongo"
	"github.com/beds-project/beds/gen/emit/sql"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/output"
	"golang.org/x/mod/modfile"
)

// layout are the flags that say where things are.
type layout struct {
	root, recs, out, sql, format string
}

func (l *layout) bind(env *environment) {
	env.flags.StringVar(&l.root, "C", ".", "root `folder` of the run; the others are relative to it")
	env.flags.StringVar(&l.recs, "recs", "recs", "`folder` of the templates, *_rec.toml")
	env.flags.StringVar(&l.out, "out", "generated", "`folder` for Go code")
	env.flags.StringVar(&l.sql, "sql", "sql", "`folder` for SQL and MongoDB artefacts")
	env.flags.StringVar(&l.format, "format", "text", "how findings are printed: text, json or github")
	env.flags.BoolFunc("json", "short for -format json", func(string) error { l.format = "json"; return nil })
}

func (l *layout) check() error {
	for name, dir := range map[string]string{"out": l.out, "sql": l.sql} {
		if path.IsAbs(dir) || !filepath.IsLocal(dir) || path.Clean(dir) == "." {
			return usageError{fmt.Sprintf("-%s must be a folder below the root, not %q", name, dir)}
		}
	}
	switch l.format {
	case "text", "json", "github":
		return nil
	}
	return usageError{fmt.Sprintf("-format is text, json or github, not %q", l.format)}
}

func runGenerate(env *environment, args []string) error {
	var l layout
	var quiet bool
	l.bind(env)
	env.flags.BoolVar(&quiet, "q", false, "print nothing but findings")
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	diffs, n, err := l.compare(env)
	if err != nil {
		return err
	}
	if err := l.tree().Apply(diffs); err != nil {
		return err
	}
	if !quiet {
		report(env, diffs, n)
	}
	return nil
}

// report says what was written; the manifests are not worth a line.
func report(env *environment, diffs []output.Difference, templates int) {
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
		fmt.Fprintf(env.stdout, "bedsgen: %d templates, everything up to date\n", templates)
		return
	}
	fmt.Fprintf(env.stdout, "bedsgen: %d templates, %d files changed\n", templates, shown)
}

func runCheck(env *environment, args []string) error {
	var l layout
	l.bind(env)
	if _, err := env.parse(args, 0); err != nil {
		return err
	}
	diffs, n, err := l.compare(env)
	if err != nil {
		return err
	}
	if len(diffs) == 0 {
		fmt.Fprintf(env.stdout, "bedsgen: %d templates, everything up to date\n", n)
		return nil
	}
	output.Print(env.stdout, diffs)
	fmt.Fprintf(env.stderr, "bedsgen: %d files differ from what the templates say; run bedsgen generate and commit the result\n", len(diffs))
	return errFindings
}

func (l *layout) tree() output.Tree {
	return output.Tree{Root: l.root, Dirs: []string{path.Clean(l.out), path.Clean(l.sql)}}
}

// compare emits everything in memory and compares it with the disk.
func (l *layout) compare(env *environment) ([]output.Difference, int, error) {
	if err := l.check(); err != nil {
		return nil, 0, err
	}
	set, err := l.load(env)
	if err != nil {
		return nil, 0, err
	}
	files, err := l.emit(set)
	if err != nil {
		return nil, 0, err
	}
	diffs, err := l.tree().Compare(files)
	return diffs, len(set.Templates), err
}

// load reads the templates and prints what is wrong with them.
func (l *layout) load(env *environment) (*model.Set, error) {
	dir := l.recs
	if l.root != "." {
		dir = filepath.Join(l.root, l.recs)
	}
	result, err := load.Dir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, usageError{fmt.Sprintf("there is no folder %s; -recs names another, bedsgen init makes one", dir)}
	}
	if err != nil {
		return nil, err
	}
	if len(result.Findings) > 0 {
		if err := printFindings(env, l.format, result); err != nil {
			return nil, err
		}
		return nil, errFindings
	}
	if len(result.Set.Templates) == 0 {
		return nil, usageError{fmt.Sprintf("there is no template *_rec.toml in %s; bedsgen new NAME adds one", dir)}
	}
	return result.Set, nil
}

func printFindings(env *environment, format string, r *load.Result) error {
	switch format {
	case "json":
		return diag.JSON(env.stdout, r.Findings)
	case "github":
		return diag.GitHub(env.stdout, r.Findings)
	}
	return diag.Text(env.stderr, r.Findings, r.Sources, isTerminal(env.stderr))
}

// emit runs every emitter.
func (l *layout) emit(set *model.Set) ([]emit.File, error) {
	module, err := modulePath(l.root)
	if err != nil {
		return nil, err
	}
	out := path.Clean(l.out)
	files, err := golang.Files(golang.Config{Dir: out, ImportPath: path.Join(module, out)}, set)
	if err != nil {
		return nil, err
	}
	for _, f := range append(sql.Files(set), mongo.Files(set)...) {
		f.Path = path.Clean(l.sql) + strings.TrimPrefix(f.Path, "sql")
		files = append(files, f)
	}
	return files, nil
}

// modulePath is the import path of a folder, by the go.mod in it or above.
func modulePath(root string) (string, error) {
	dir, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	below := ""
	for {
		b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil {
			module := modfile.ModulePath(b)
			if module == "" {
				return "", fmt.Errorf("%s names no module", filepath.Join(dir, "go.mod"))
			}
			return path.Join(module, below), nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", usageError{"no go.mod here or above; bedsgen init MODULE starts a module"}
		}
		below = path.Join(filepath.Base(dir), below)
		dir = parent
	}
}

// isTerminal reports whether a stream shows colours and excerpts to a person.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
