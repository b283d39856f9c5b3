package main

import (
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/emit/api"
	"github.com/beds-project/beds/gen/emit/golang"
	"github.com/beds-project/beds/gen/emit/mongo"
	"github.com/beds-project/beds/gen/emit/sql"
	"github.com/beds-project/beds/gen/model"
)

// An emission is where the emitters write, and the module that they write for.
type emission struct {
	module, out, sql string
}

func (l *layout) emission() (emission, error) {
	module, err := modulePath(l.root)
	return emission{module, path.Clean(l.out), path.Clean(l.sql)}, err
}

func (e emission) golang() golang.Config {
	return golang.Config{Dir: e.out, ImportPath: path.Join(e.module, e.out)}
}

// emitted are the paths of what an emission gave away, by template of the set.
type emitted struct {
	templates [][]string
	shared    []string
}

// all runs every emitter over every template, on all processors, and gives the files
// of one template at a time to add. They are never all in memory.
func (e emission) all(set *model.Set, add func([]emit.File) error) (*emitted, error) {
	paths := &emitted{templates: make([][]string, len(set.Templates))}
	errs := make([]error, min(runtime.GOMAXPROCS(0), len(set.Templates)))
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range errs {
		wg.Go(func() {
			for errs[worker] == nil {
				i := int(next.Add(1)) - 1
				if i >= len(set.Templates) {
					return
				}
				files, err := e.one(set.Templates[i])
				if err == nil {
					paths.templates[i], err = pathsOf(files), add(files)
				}
				errs[worker] = err
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	files, err := e.shared(set, paths)
	if err != nil {
		return nil, err
	}
	paths.shared = pathsOf(files)
	return paths, add(files)
}

func pathsOf(files []emit.File) []string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	return paths
}

// one emits the files of one template.
func (e emission) one(t *model.Template) ([]emit.File, error) {
	f, err := golang.Template(e.golang(), t)
	if err != nil {
		return nil, err
	}
	files := append(api.Template(e.out, t), f)
	return append(files, e.store(append(sql.Template(t), mongo.Template(t)...))...), nil
}

// shared emits the files that serve all templates.
func (e emission) shared(set *model.Set, paths *emitted) ([]emit.File, error) {
	link, err := golang.Link(e.golang(), set)
	if err != nil {
		return nil, err
	}
	shared := sql.Shared()
	inOrder := pathsOf(shared)
	for _, list := range paths.templates {
		for _, p := range list {
			if own, ok := strings.CutPrefix(p, e.sql+"/"); ok && strings.HasSuffix(own, ".sql") {
				inOrder = append(inOrder, "sql/"+own)
			}
		}
	}
	shared = append(append(shared, sql.Install(inOrder)), mongo.Shared()...)
	return append(e.store(shared), link, api.Index(e.out, set)), nil
}

// store gives files that the DBAs review their place. The emitters' own name for the
// folder is sql.
func (e emission) store(files []emit.File) []emit.File {
	for i := range files {
		files[i].Path = e.sql + strings.TrimPrefix(files[i].Path, "sql")
	}
	return files
}
