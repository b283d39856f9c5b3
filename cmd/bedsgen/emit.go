package main

import (
	"path"
	"strings"

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

// all runs every emitter over every template.
func (e emission) all(set *model.Set) ([]emit.File, error) {
	files, err := golang.Files(e.golang(), set)
	if err != nil {
		return nil, err
	}
	files = append(files, api.Files(e.out, set)...)
	return append(files, e.store(set)...), nil
}

// store emits what the DBAs review. The emitters' own name for the folder is sql.
func (e emission) store(set *model.Set) []emit.File {
	files := append(sql.Files(set), mongo.Files(set)...)
	for i := range files {
		files[i].Path = e.sql + strings.TrimPrefix(files[i].Path, "sql")
	}
	return files
}

// one emits the files of one template, without those that serve all.
func (e emission) one(t *model.Template) ([]emit.File, error) {
	f, err := golang.Template(e.golang(), t)
	if err != nil {
		return nil, err
	}
	files := append([]emit.File{f}, api.Template(e.out, t)...)
	own := e.sql + "/" + t.Collection + "/"
	for _, f := range e.store(&model.Set{Templates: []*model.Template{t}}) {
		if strings.HasPrefix(f.Path, own) {
			files = append(files, f)
		}
	}
	return files, nil
}
