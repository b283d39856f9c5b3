package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/beds-project/beds/gen/memo"
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/output"
)

// A generation is one run of generate. It does everything, or only what has
// changed since the last run according to the memo that the last run left. What is
// trusted then: that a template or an output with an unchanged size and time of
// change is unchanged, and that nothing stale has appeared in the output folders.
// check trusts none of that, nor does generate -force.
type generation struct {
	emission
	layout *layout
	tree   output.Tree
	memo   string // path of the memo; empty where there is no place for one
	key    string
}

func newGeneration(l *layout, e emission) *generation {
	g := &generation{emission: e, layout: l, tree: l.tree()}
	root, err := filepath.Abs(l.root)
	cache, noCache := os.UserCacheDir()
	program, noProgram := os.Executable()
	if errors.Join(err, noCache, noProgram) != nil {
		return g
	}
	flags := strings.Join([]string{root, e.module, l.root, l.recs, e.out, e.sql}, "\x00")
	sum := sha256.Sum256([]byte(flags))
	g.memo = filepath.Join(cache, "bedsgen", hex.EncodeToString(sum[:12]))
	g.key = fmt.Sprint(memo.StampOf(program), flags)
	return g
}

// everything loads and emits all templates.
func (g *generation) everything(env *environment) ([]output.Difference, *memo.Memo, error) {
	inputs := map[string]memo.Stamp{}
	now := time.Now()
	for _, p := range g.inputs() { // before they are read
		inputs[p] = memo.StampOf(p).Settled(now)
	}
	set, err := g.layout.load(env)
	if err != nil {
		return nil, nil, err
	}
	u, err := g.tree.Update()
	var paths *emitted
	if err == nil {
		paths, err = g.all(set, u.Add)
	}
	diffs, err := u.End(err)
	if err != nil {
		return nil, nil, err
	}
	m := g.describe(set, paths)
	for i := range m.Templates {
		in := &m.Templates[i].Input
		in.Stamp = inputs[filepath.FromSlash(in.Path)]
	}
	g.keep(m, func(string) bool { return true })
	return diffs, m, nil
}

// describe makes the memo of a set and its files, still without stamps.
func (g *generation) describe(set *model.Set, paths *emitted) *memo.Memo {
	m := &memo.Memo{Key: g.key, Templates: make([]memo.Template, len(set.Templates)), Shared: unstamped(paths.shared)}
	for i, t := range set.Templates {
		m.Templates[i] = memo.Template{Input: memo.File{Path: t.File}, Identity: identity(t), Outputs: unstamped(paths.templates[i])}
	}
	for _, dir := range g.tree.Dirs {
		m.Shared = append(m.Shared, memo.File{Path: dir + "/" + output.ManifestName})
	}
	return m
}

func unstamped(paths []string) []memo.File {
	files := make([]memo.File, len(paths))
	for i, p := range paths {
		files[i].Path = p
	}
	return files
}

// identity is what rules over the whole set look at, and what files of all
// templates say of one of them.
func identity(t *model.Template) string {
	return strings.Join([]string{t.Name, t.Class, t.Collection, t.TLA}, "\x00")
}

// keep stamps the outputs that were written or looked at, and stores the memo. The
// outputs must be a tick old, so that whoever changes one later changes its time.
// A memo that cannot be stored costs the next run time and nothing else.
func (g *generation) keep(m *memo.Memo, seen func(path string) bool) {
	if g.memo == "" {
		return
	}
	time.Sleep(memo.Tick)
	now := time.Now().Add(memo.Tick / 2)
	stamp := func(files []memo.File) {
		for i := range files {
			if f := &files[i]; seen(f.Path) {
				f.Stamp = memo.StampOf(filepath.Join(g.layout.root, f.Path)).Settled(now)
			}
		}
	}
	stamp(m.Shared)
	for i := range m.Templates {
		stamp(m.Templates[i].Outputs)
	}
	m.Write(g.memo) //nolint:errcheck // see above
}
