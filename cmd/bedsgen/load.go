package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

// load reads the templates and prints what is wrong with them.
func (l *layout) load(env *environment) (*model.Set, error) {
	dir := l.templates()
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil, usageError{fmt.Sprintf("there is no folder %s; -recs names another, bedsgen init makes one", dir)}
	}
	result, err := load.Dir(dir)
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
	boundMemory(len(result.Set.Templates))
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

// isTerminal reports whether a stream shows colours and excerpts to a person.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
