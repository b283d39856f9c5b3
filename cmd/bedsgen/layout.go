package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/beds-project/beds/gen/output"
	"golang.org/x/mod/modfile"
)

// layout are the flags that say where things are.
type layout struct {
	root, recs, out, sql, format string
}

func (l *layout) bind(env *environment) {
	l.bindInput(env)
	env.flags.StringVar(&l.out, "out", "generated", "`folder` for Go code")
	env.flags.StringVar(&l.sql, "sql", "sql", "`folder` for SQL and MongoDB artefacts")
}

// bindInput has the flags of commands that read templates.
func (l *layout) bindInput(env *environment) {
	env.flags.StringVar(&l.root, "C", ".", "root `folder` of the run; the others are relative to it")
	env.flags.StringVar(&l.recs, "recs", "recs", "`folder` of the templates, *_rec.toml")
	env.flags.StringVar(&l.format, "format", "text", "how findings, and with json results, are printed: text, json or github")
	env.flags.BoolFunc("json", "short for -format json", func(string) error { l.format = "json"; return nil })
}

func (l *layout) check() error {
	for _, f := range []struct{ flag, dir string }{{"out", l.out}, {"sql", l.sql}} {
		if !filepath.IsLocal(f.dir) || path.Clean(f.dir) == "." {
			return usageError{fmt.Sprintf("-%s must be a folder below the root, not %q", f.flag, f.dir)}
		}
	}
	if out, sql := path.Clean(l.out)+"/", path.Clean(l.sql)+"/"; strings.HasPrefix(out, sql) || strings.HasPrefix(sql, out) {
		return usageError{fmt.Sprintf("-out %s and -sql %s must not lie within each other", l.out, l.sql)}
	}
	return l.checkFormat()
}

func (l *layout) checkFormat() error {
	switch l.format {
	case "text", "json", "github":
		return nil
	}
	return usageError{fmt.Sprintf("-format is text, json or github, not %q", l.format)}
}

func (l *layout) tree() output.Tree {
	return output.Tree{Root: l.root, Dirs: []string{path.Clean(l.out), path.Clean(l.sql)}}
}

// templates is the folder of the templates as the run sees it.
func (l *layout) templates() string {
	if l.root == "." {
		return l.recs
	}
	return filepath.Join(l.root, l.recs)
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
