package output_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/output"
)

// Tests may run as root, whom no missing right stops, so the faults here are
// things of the wrong kind that appear between Compare and Apply.
func TestAllOrNothing(t *testing.T) {
	next := files(
		"generated/a/record.go", header+"2",
		"generated/new/deep/record.go", header+"1",
		"generated/z.go", header+"2",
		"sql/msZ/table.sql", "-- 1",
	)
	for name, sabotage := range map[string]func(t *testing.T, tr output.Tree){
		"a folder where a changed file is renamed to": func(t *testing.T, tr output.Tree) {
			mustRemove(t, filepath.Join(tr.Root, "generated/z.go"))
			put(t, tr, "generated/z.go/inside", "x")
		},
		"a file where a folder belongs": func(t *testing.T, tr output.Tree) {
			put(t, tr, "sql", "not a folder")
		},
		"the stale file is gone": func(t *testing.T, tr output.Tree) {
			mustRemove(t, filepath.Join(tr.Root, "generated/old.go"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			tr := tree(t)
			tr.Dirs = []string{"generated"}
			write(t, tr, files("generated/a/record.go", header+"1", "generated/z.go", header+"1", "generated/old.go", header))
			tr.Dirs = []string{"generated", "sql"}
			diffs, err := tr.Compare(next)
			if err != nil {
				t.Fatal(err)
			}
			sabotage(t, tr)
			before := snapshot(t, tr)
			err = tr.Apply(diffs)
			if err == nil || !strings.Contains(err.Error(), "nothing was changed") || !strings.Contains(err.Error(), tr.Root) {
				t.Errorf("error %v", err)
			}
			if after := snapshot(t, tr); after != before {
				t.Errorf("before\n%s\nafter\n%s", before, after)
			}
		})
	}
}

func mustRemove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestThingsInTheWayAreNamed(t *testing.T) {
	tr := tree(t)
	put(t, tr, "generated/a/record.go/inside", "x")
	put(t, tr, "generated/b", "a file")
	for _, path := range []string{"generated/a/record.go", "generated/b/record.go"} {
		before := snapshot(t, tr)
		_, err := tr.Compare(files(path, header))
		if err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(path, "/record.go")) || !strings.Contains(err.Error(), "in the way") {
			t.Errorf("%s: error %v", path, err)
		}
		if snapshot(t, tr) != before {
			t.Error("Compare changed something")
		}
	}
}

func TestPrint(t *testing.T) {
	long := strings.Repeat("line\n", 20)
	var b bytes.Buffer
	output.Print(&b, []output.Difference{
		{Path: "generated/a.go", Kind: output.Missing, Want: []byte("x")},
		{Path: "generated/b.go", Kind: output.Changed, Have: []byte("one\ntwo\nthree\n"), Want: []byte("one\n2\nthree\n")},
		{Path: "generated/c.go", Kind: output.Stale, Have: []byte("x")},
		{Path: "generated/d.go", Kind: output.Changed, Have: []byte("a\nb\n"), Want: []byte("a\n" + long + "b\n")},
	})
	want := `missing  generated/a.go
changed  generated/b.go
  @@ line 2 @@
  -two
  +2
stale    generated/c.go (no template emits it any more)
changed  generated/d.go
  @@ line 2 @@
` + strings.Repeat("  +line\n", 12) + "  + … 8 more lines\n"
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}
