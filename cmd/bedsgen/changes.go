package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/memo"
	"github.com/beds-project/beds/gen/output"
	"github.com/beds-project/beds/gen/rec"
)

// changes brings those templates up to date whose file or outputs have changed
// since the run that left a memo. It returns no memo where that is not enough, and
// then it has changed nothing: templates have come or gone, something is wrong with
// one, or the change concerns more than the template's own files.
func (g *generation) changes(m *memo.Memo) ([]output.Difference, *memo.Memo, error) {
	if m == nil || !g.sameInputs(m) || !fresh(g.layout.root, m.Shared) {
		return nil, nil, nil
	}
	dirty := g.dirty(m)
	switch {
	case len(dirty) == 0:
		return nil, m, nil
	case len(dirty) > len(m.Templates)/2+1:
		return nil, nil, nil
	}
	files, ok := g.emitAgain(dirty)
	if !ok {
		return nil, nil, nil
	}
	diffs, err := g.tree.CompareSome(files)
	if err != nil {
		return nil, nil, nil // everything says it again, or puts it right
	}
	if err := g.tree.Apply(diffs); err != nil {
		return nil, nil, err
	}
	again := map[string]bool{}
	for _, f := range files {
		again[f.Path] = true
	}
	for _, f := range diffs {
		again[f.Path] = true
	}
	g.keep(m, func(p string) bool { return again[p] })
	return diffs, m, nil
}

// inputs lists the templates of the run, sorted.
func (g *generation) inputs() []string {
	entries, err := os.ReadDir(g.layout.templates())
	if err != nil {
		return nil // to load them says why
	}
	var paths []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), rec.Suffix) {
			paths = append(paths, filepath.Join(g.layout.templates(), e.Name()))
		}
	}
	return paths
}

func (g *generation) sameInputs(m *memo.Memo) bool {
	paths := g.inputs()
	slices.Sort(paths)
	known := make([]string, len(m.Templates))
	for i := range m.Templates {
		known[i] = filepath.FromSlash(m.Templates[i].Input.Path)
	}
	slices.Sort(known)
	return slices.Equal(paths, known)
}

func fresh(root string, files []memo.File) bool {
	for i := range files {
		if !files[i].Fresh(root) {
			return false
		}
	}
	return true
}

// dirty lists the templates that are not as the memo says.
func (g *generation) dirty(m *memo.Memo) []*memo.Template {
	var list []*memo.Template
	for i := range m.Templates {
		t := &m.Templates[i]
		if !t.Input.Fresh("") || !fresh(g.layout.root, t.Outputs) {
			list = append(list, t)
		}
	}
	return list
}

// emitAgain emits the files of some templates, and renews the stamps of their
// inputs. It reports false where anything but these files may be concerned.
func (g *generation) emitAgain(dirty []*memo.Template) ([]emit.File, bool) {
	byPath := make(map[string]*memo.Template, len(dirty))
	paths := make([]string, len(dirty))
	now := time.Now()
	for i, t := range dirty {
		byPath[t.Input.Path] = t
		paths[i] = filepath.FromSlash(t.Input.Path)
		t.Input.Stamp = memo.StampOf(paths[i]).Settled(now)
	}
	result, err := load.Files(paths)
	if err != nil || len(result.Findings) > 0 {
		return nil, false
	}
	var files []emit.File
	for _, t := range result.Set.Templates {
		own, err := g.one(t)
		if old := byPath[t.File]; err != nil || identity(t) != old.Identity || !sameOutputs(own, old.Outputs) {
			return nil, false
		}
		files = append(files, own...)
	}
	return files, true
}

// sameOutputs reports whether a template emits the files that it did before.
func sameOutputs(files []emit.File, old []memo.File) bool {
	return slices.EqualFunc(files, old, func(f emit.File, o memo.File) bool { return f.Path == o.Path })
}
