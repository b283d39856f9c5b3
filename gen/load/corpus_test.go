package load_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/rec"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Each folder of testdata/bad is a run; want.txt holds what it prints.
func TestBadTemplates(t *testing.T) {
	runs, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(runs) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, dir := range runs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			result, err := load.Sources(readCorpus(t, dir)...), error(nil)
			if result.Set != nil || len(result.Findings) == 0 {
				t.Fatal("nothing was found")
			}
			var got bytes.Buffer
			if err = diag.Text(&got, result.Findings, result.Sources, false); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}

// readCorpus reads the templates of a folder under their plain names.
func readCorpus(t testing.TB, dir string) []load.Source {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.toml"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	var sources []load.Source
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, load.Source{Path: "recs/" + filepath.Base(p), Data: data})
	}
	return sources
}

// rules lists the rules of findings, each once and in order.
func rules(findings []diag.Finding) string {
	var list []string
	for _, f := range findings {
		if len(list) == 0 || list[len(list)-1] != f.Rule {
			list = append(list, f.Rule)
		}
	}
	return strings.Join(list, " ")
}

func TestTenThousandFields(t *testing.T) {
	src := "version = 1\nschema = \"rec\"\nservice = \"admin\"\ntemplate_class = \"Big\"\ncollection = \"msBig\"\nextension = \"_big\"\nindex_fields = [\"f9999_big\"]\n[fields]\n"
	for i := range 10_000 {
		src += fmt.Sprintf("f%d_big = \"integer\"\n", i)
	}
	result := load.Sources(load.Source{Path: "big_rec.toml", Data: []byte(src)})
	if got := rules(result.Findings); got != "too-many-fields" || len(result.Findings) != 1 {
		t.Errorf("found %v", result.Findings)
	}
}

func TestAHugeFileIsNotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "huge_rec.toml")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(50 << 20); err != nil {
		t.Fatal(err)
	}
	allocated := testing.AllocsPerRun(1, func() {
		result, err := load.Files([]string{path})
		if err != nil {
			t.Fatal(err)
		}
		if got := rules(result.Findings); got != "file-size" {
			t.Errorf("found %v", result.Findings)
		}
		if len(result.Sources[path]) > rec.MaxFileSize {
			t.Error("the file was read")
		}
	})
	if allocated > 1000 {
		t.Errorf("%v allocations", allocated)
	}
}

func TestWhatTheFileSystemRefusesIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "dir_rec.toml"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"absent_rec.toml", "dir_rec.toml"} {
		if _, err := load.Files([]string{filepath.Join(dir, path)}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: error %v", path, err)
		}
	}
	if _, err := load.Dir(filepath.Join(dir, "absent")); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestLineEndsDoNotMatter(t *testing.T) {
	for _, dir := range []string{"../../recs"} {
		unix := readCorpus(t, dir)
		dos := readCorpus(t, dir)
		for i := range dos {
			dos[i].Data = bytes.ReplaceAll(dos[i].Data, []byte("\n"), []byte("\r\n"))
		}
		same(t, load.Sources(unix...), load.Sources(dos...))
	}
}
