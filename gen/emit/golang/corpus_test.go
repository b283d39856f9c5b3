package golang_test

import (
	"bytes"
	"flag"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/emit/golang"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

var config = golang.Config{Dir: "generated", ImportPath: "example.com/shop/generated"}

// own are the templates of this package's tests; corpus adds those of the
// repository, which change without being asked what this package's tests expect.
func own(t testing.TB) *model.Set { return loaded(t, "testdata/corpus/*_rec.toml") }
func corpus(t testing.TB) *model.Set {
	return loaded(t, "testdata/corpus/*_rec.toml", "../../../recs/*_rec.toml")
}

func loaded(t testing.TB, patterns ...string) *model.Set {
	t.Helper()
	var paths []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		paths = append(paths, found...)
	}
	result, err := load.Files(paths)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Error(f)
	}
	if t.Failed() {
		t.FailNow()
	}
	return result.Set
}

func emitted(t testing.TB, set *model.Set) []emit.File {
	t.Helper()
	files := make([]emit.File, len(set.Templates)+1)
	var err error
	for i, tmpl := range set.Templates {
		if files[i], err = golang.Template(config, tmpl); err != nil {
			t.Fatal(err)
		}
	}
	if files[len(set.Templates)], err = golang.Link(config, set); err != nil {
		t.Fatal(err)
	}
	return files
}

// The golden files are what a reader of a diff sees of a change to the emitter.
func TestGolden(t *testing.T) {
	for _, f := range emitted(t, own(t)) {
		name := strings.ReplaceAll(strings.TrimPrefix(f.Path, "generated/"), "/", "_") + ".golden"
		golden := filepath.Join("testdata", "golden", name)
		if *update {
			if err := os.WriteFile(golden, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Content, want) {
			t.Errorf("%s is not %s; see the difference with -update", f.Path, golden)
		}
	}
}

func TestIsFormatted(t *testing.T) {
	for _, f := range emitted(t, corpus(t)) {
		want, err := format.Source(f.Content)
		if err != nil {
			t.Fatalf("%s: %v", f.Path, err)
		}
		if !bytes.Equal(f.Content, want) {
			t.Errorf("%s is not as gofmt writes it", f.Path)
		}
		if !bytes.HasPrefix(f.Content, []byte("// "+golang.Header+"\n\n")) {
			t.Errorf("%s does not begin with the header", f.Path)
		}
	}
}

func TestTenFieldsAreTwoHundredLines(t *testing.T) {
	for _, f := range emitted(t, corpus(t)) {
		if lines := bytes.Count(f.Content, []byte("\n")); f.Path == "generated/typical/record.go" && lines > 200 {
			t.Errorf("%s has %d lines", f.Path, lines)
		}
	}
}

func TestTheOrderOfTemplatesDoesNotMatter(t *testing.T) {
	set := corpus(t)
	first := emitted(t, set)
	again := emitted(t, corpus(t))
	if !slices.EqualFunc(first, again, func(a, b emit.File) bool { return a.Path == b.Path && bytes.Equal(a.Content, b.Content) }) {
		t.Error("two runs differ")
	}
}
