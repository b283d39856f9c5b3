package output

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"sync"

	"github.com/beds-project/beds/gen/emit"
)

// An Update takes all files of a run, a few at a time, and keeps no contents: what
// differs is written beside its target at once, and everything is renamed at the
// end. Several goroutines may add files.
type Update struct {
	tree    Tree
	check   bool     // nothing is written
	whole   bool     // the differences keep their contents
	present []string // files before the update

	mu      sync.Mutex
	hashes  map[string]string // of every file, by path
	diffs   []Difference
	staging *staging
	folders folders
}

// Update starts an update of the disk. End must be called.
func (t Tree) Update() (*Update, error) {
	present, err := t.present() // now, without what the update itself puts there
	return &Update{tree: t, present: present, hashes: map[string]string{}, staging: t.staging(), folders: folders{t.Root, map[string]bool{}}}, err
}

// Check starts an update that compares and writes nothing.
func (t Tree) Check() (*Update, error) {
	u, err := t.Update()
	u.check = true
	return u, err
}

// Add compares files with the disk and prepares what differs. The errors are those
// of Compare.
func (u *Update) Add(files []emit.File) error {
	for _, f := range files {
		if err := u.add(f, shortHash(f.Content)); err != nil {
			return err
		}
	}
	return nil
}

func (u *Update) add(f emit.File, hash string) error {
	there, err := u.enter(f.Path, hash)
	if err != nil {
		return err
	}
	d, err := u.tree.difference(f, there)
	if err != nil || d.Kind == "" {
		return err
	}
	if err := u.tree.ours([]Difference{d}); err != nil {
		return err
	}
	return u.prepare(d)
}

// enter notes a file and reports whether its folder exists.
func (u *Update) enter(p, hash string) (bool, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, twice := u.hashes[p]; twice {
		return false, fmt.Errorf("output: %s is emitted twice", p)
	}
	if path.Clean(p) != p || u.tree.dirOf(p) < 0 {
		return false, fmt.Errorf("output: %s lies outside the output folders", p)
	}
	u.hashes[p] = hash
	return u.folders.check(p)
}

// prepare notes a difference and writes its new content to a temporary place.
func (u *Update) prepare(d Difference) error {
	light := d
	if !u.whole {
		light.Want, light.Have = nil, nil
		if u.check && d.Kind == Changed { // to be printed
			light = d
		}
	}
	u.mu.Lock()
	u.diffs = append(u.diffs, light)
	var temp string
	var err error
	if !u.check {
		temp, err = u.staging.place(d)
	}
	u.mu.Unlock()
	if err != nil || u.check || d.Kind == Stale {
		return err
	}
	return writeFile(temp, d.Want)
}

// End adds the manifests, finds what is stale, and brings everything to its place: all
// or, where something fails or the caller has an error already, nothing. It returns
// what differed, sorted by path.
func (u *Update) End(err error) ([]Difference, error) {
	if err == nil {
		err = u.complete()
	}
	if !u.check {
		slices.SortFunc(u.staging.steps, func(a, b step) int { return cmp.Compare(a.target, b.target) })
		err = u.staging.end(err)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(u.diffs, func(a, b Difference) int { return cmp.Compare(a.Path, b.Path) })
	return u.diffs, nil
}

func (u *Update) complete() error {
	if err := u.Add(u.tree.manifests(u.hashes)); err != nil {
		return err
	}
	stale, err := u.tree.stale(u.present, u.hashes)
	for _, d := range stale {
		if err == nil {
			err = u.prepare(d)
		}
	}
	return err
}
