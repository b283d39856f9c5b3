// Package load takes REC templates from files to the resolved model: read, check
// by the rules, resolve. It is the front door of the generator.
package load

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
	"github.com/beds-project/beds/gen/rule"
)

// A Result is what became of a run's templates. It does not depend on the order
// in which they were given.
type Result struct {
	// Set is nil where anything was found.
	Set *model.Set
	// Findings are sorted by place.
	Findings []diag.Finding
	// Sources holds the text of the files that have findings, for excerpts.
	Sources diag.Sources
}

// A Source is a template in memory.
type Source struct {
	Path string // as it is to be shown; its last element names the template
	Data []byte
}

// Dir loads every *_rec.toml of a directory.
func Dir(dir string) (*Result, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("templates: %s is not a directory", dir)
	}
	paths, err := filepath.Glob(filepath.Join(escape(dir), "*"+rec.Suffix))
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	return Files(paths)
}

// Files loads the templates at the given paths; one given twice is loaded once.
// The error is one of the file system; what is wrong with a template is a finding.
func Files(paths []string) (*Result, error) {
	paths = slices.Clone(paths)
	for i, p := range paths {
		paths[i] = filepath.Clean(p)
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	templates := make([]*rec.Template, len(paths))
	errs := make([]error, len(paths))
	each(len(paths), func(i int) {
		templates[i], errs[i] = read(paths[i])
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return finish(templates), nil
}

// Sources loads templates that are in memory.
func Sources(sources ...Source) *Result {
	templates := make([]*rec.Template, len(sources))
	each(len(sources), func(i int) {
		templates[i] = rec.Parse(sources[i].Path, sources[i].Data)
	})
	return finish(templates)
}

// read reads one file, but never more of it than a template may have.
func read(path string) (*rec.Template, error) {
	shown := filepath.ToSlash(path)
	info, err := os.Stat(path) // first: to open a pipe is to wait for its other end
	switch {
	case err != nil:
		return nil, fmt.Errorf("template: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("template: %s is not a regular file", shown)
	case info.Size() > rec.MaxFileSize:
		return rec.TooLarge(shown, info.Size()), nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	defer f.Close()
	buf := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := buf.ReadFrom(io.LimitReader(f, rec.MaxFileSize+1)); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	return rec.Parse(shown, buf.Bytes()), nil
}

// finish checks the templates and, where nothing is found, resolves them.
func finish(templates []*rec.Template) *Result {
	slices.SortStableFunc(templates, func(a, b *rec.Template) int { return cmp.Compare(a.File, b.File) })
	lists := make([]diag.List, len(templates)+1)
	each(len(templates), func(i int) { rule.Check(templates[i], &lists[i]) })
	rule.CheckSet(templates, &lists[len(templates)])

	var found diag.List
	for i := range lists {
		for _, f := range lists[i].Sorted() {
			found.Add(f)
		}
	}
	if !found.Empty() {
		result := &Result{Findings: found.Sorted(), Sources: diag.Sources{}}
		for _, f := range result.Findings {
			result.Sources[f.File] = nil
		}
		for _, t := range templates {
			if _, ok := result.Sources[t.File]; ok {
				result.Sources[t.File] = t.Source()
			}
		}
		return result
	}
	set := &model.Set{Templates: make([]*model.Template, len(templates))}
	each(len(templates), func(i int) { set.Templates[i] = resolve(templates[i]) })
	slices.SortFunc(set.Templates, func(a, b *model.Template) int { return cmp.Compare(a.Name, b.Name) })
	return &Result{Set: set}
}

// each calls do for every index below n, on as many goroutines as there are
// processors, and waits for all.
func each(n int, do func(int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// escape keeps the directory's name from being read as a pattern.
func escape(dir string) string {
	var b []byte
	for i := range len(dir) {
		switch dir[i] {
		case '*', '?', '[', '\\':
			if filepath.Separator != '\\' {
				b = append(b, '\\')
			}
		}
		b = append(b, dir[i])
	}
	return string(b)
}
