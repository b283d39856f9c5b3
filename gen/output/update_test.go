package output_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/beds-project/beds/gen/output"
)

// update brings files onto the disk, each added by a goroutine of its own.
func update(t *testing.T, tr output.Tree, pairs ...string) ([]output.Difference, error) {
	t.Helper()
	u, err := tr.Update()
	if err != nil {
		t.Fatal(err)
	}
	errs := make([]error, len(pairs)/2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = u.Add(files(pairs[2*i : 2*i+2]...)) })
	}
	wg.Wait()
	return u.End(errors.Join(errs...))
}

// An update ends where Compare and Apply end, and holds no contents.
func TestUpdateIsCompareAndApply(t *testing.T) {
	first := []string{"generated/a/a.go", header + "1", "generated/b/b.go", header + "1", "sql/x.sql", "-- x\n"}
	second := []string{"generated/a/a.go", header + "2", "generated/c/deep/c.go", header + "1", "sql/x.sql", "-- x\n"}
	one, two := tree(t), tree(t)
	for _, pairs := range [][]string{first, second, second} {
		want := kinds(write(t, one, files(pairs...)))
		diffs, err := update(t, two, pairs...)
		if err != nil || kinds(diffs) != want {
			t.Fatalf("got %s, want %s, %v", kinds(diffs), want, err)
		}
		for _, d := range diffs {
			if d.Have != nil || d.Want != nil {
				t.Errorf("the contents of %s are kept", d.Path)
			}
		}
		if a, b := snapshot(t, one), snapshot(t, two); a != b {
			t.Fatalf("got\n%s\nwant\n%s", b, a)
		}
	}
}

func TestUpdateIsAllOrNothing(t *testing.T) {
	tr := tree(t)
	write(t, tr, files("generated/a/a.go", header+"1", "generated/old.go", header, "sql/x.sql", "-- 1\n"))
	for name, bad := range map[string][]string{
		"twice":       {"generated/n/n.go", header, "generated/n/n.go", header},
		"outside":     {"elsewhere/n.go", header},
		"in the way":  {"generated/a/a.go/n.go", header},
		"not written": {"generated/theirs.go", header},
	} {
		put(t, tr, "generated/theirs.go", "package theirs\n")
		before := snapshot(t, tr)
		diffs, err := update(t, tr, append([]string{"generated/a/a.go", header + "2", "generated/new/x.go", header}, bad...)...)
		if err == nil || diffs != nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v, error %v", name, diffs, err)
		}
		if after := snapshot(t, tr); after != before {
			t.Errorf("%s: before\n%s\nafter\n%s", name, before, after)
		}
	}
}

// What fails at the very end is undone: here a file that has become a folder, after others
// were renamed already.
func TestUpdateUndoes(t *testing.T) {
	tr := tree(t)
	write(t, tr, files("generated/a.go", header+"1", "generated/old.go", header, "generated/z.go", header+"1"))
	u, err := tr.Update()
	if err == nil {
		err = u.Add(files("generated/a.go", header+"2", "generated/m/new.go", header, "generated/z.go", header+"2"))
	}
	if err != nil {
		t.Fatal(err)
	}
	mustRemove(t, filepath.Join(tr.Root, "generated/z.go"))
	put(t, tr, "generated/z.go/inside", "x")
	if _, err := u.End(nil); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("error %v", err)
	}
	after := snapshot(t, tr)
	if strings.Contains(after, ".bedsgen-tmp") || strings.Contains(after, "new.go") || !strings.Contains(after, "generated/a.go: "+header+"1") || !strings.Contains(after, "old.go") {
		t.Errorf("left is\n%s", after)
	}
}

// A check writes nothing and keeps what it will print, the contents of changed files.
func TestCheckWritesNothing(t *testing.T) {
	tr := tree(t)
	write(t, tr, files("generated/a/a.go", header+"1", "generated/b/b.go", header+"1"))
	before := snapshot(t, tr)
	u, err := tr.Check()
	if err == nil {
		err = u.Add(files("generated/a/a.go", header+"2", "generated/c/c.go", header+"1"))
	}
	diffs, err := u.End(err)
	if got := kinds(diffs); err != nil || got != "changed generated/a/a.go; stale generated/b/b.go; missing generated/c/c.go" {
		t.Fatalf("got %s, %v", got, err)
	}
	for _, d := range diffs {
		if (d.Kind == output.Changed) != (d.Want != nil && d.Have != nil) {
			t.Errorf("%s of %s keeps %d and %d bytes", d.Kind, d.Path, len(d.Have), len(d.Want))
		}
	}
	if after := snapshot(t, tr); after != before {
		t.Errorf("before\n%s\nafter\n%s", before, after)
	}
}

// The memory that an update keeps does not grow with the size of the files.
func TestUpdateKeepsNoContents(t *testing.T) {
	u, err := output.Tree{Root: t.TempDir(), Dirs: []string{"generated"}}.Update()
	if err != nil {
		t.Fatal(err)
	}
	const size, count = 1 << 20, 64
	for i := range count {
		if err := u.Add(files(fmt.Sprintf("generated/d%d/a.go", i), header+strings.Repeat("x", size))); err != nil {
			t.Fatal(err)
		}
	}
	if kept := heap(); kept > size*count/2 {
		t.Errorf("%d bytes are kept of %d", kept, size*count)
	}
	if _, err := u.End(errors.New("enough")); err == nil {
		t.Error("the caller's error is lost")
	}
}

// heap is what is in use after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
