package golang_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/emit/golang"
)

// What is emitted for the corpus and for all hostile texts at once compiles and passes go vet
// in a module of its own.
func TestCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	dir := module(t)
	files := emitted(t, corpus(t))
	all := strings.Join(hostile, " ")
	hard, err := golang.Template(config, texts(all, all))
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, hard)
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %v: %v\n%s", args, err, out)
		}
	}
}

// module starts a module that uses this checkout of BEDS. It takes over the
// requirements of BEDS as they are, so that nothing has to be looked up.
func module(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod = bytes.Replace(mod, []byte("module github.com/beds-project/beds\n"), []byte("module example.com/shop\n"), 1)
	mod = append(mod, "\nrequire github.com/beds-project/beds v0.0.0\n\nreplace github.com/beds-project/beds => "+root+"\n"...)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
