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
	checkSize(t, dir)
}

// checkSize guards the cost of compiling, of which the size of the package is a measure
// that every machine agrees on. With four methods on record.Opt a record alone had
// 300 KB, with methods on all generic types the package had two megabytes.
func checkSize(t *testing.T, dir string) {
	t.Helper()
	const most = 160 << 10 // of the template of ten fields; it has 110 KB
	cmd := exec.Command("go", "list", "-export", "-f", "{{.Export}}", "./generated/typical")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > most {
		t.Errorf("a package of ten fields has %d bytes when compiled, more than %d", info.Size(), most)
	}
	t.Logf("a package of ten fields has %d bytes when compiled", info.Size())
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
