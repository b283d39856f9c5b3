package sql

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

var update = flag.Bool("update", false, "write the golden files")

func loadDir(t testing.TB, dir string) *model.Set {
	t.Helper()
	r, err := load.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if r.Set == nil {
		t.Fatalf("findings: %v", r.Findings)
	}
	return r.Set
}

// TestGolden compares the SQL of a small template with the committed one.
func TestGolden(t *testing.T) {
	for _, f := range Files(loadDir(t, "testdata")) {
		golden := filepath.Join("testdata", filepath.FromSlash(f.Path))
		if *update {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err, "; run go test -update")
		}
		if !bytes.Equal(f.Content, want) {
			t.Errorf("%s differs from %s; run go test -update and look at the difference", f.Path, golden)
		}
	}
}

func TestShape(t *testing.T) {
	files := Files(loadDir(t, "testdata"))
	again := Files(loadDir(t, "testdata"))
	seen := make(map[string]bool)
	for i, f := range files {
		if !bytes.Equal(f.Content, again[i].Content) || f.Path != again[i].Path {
			t.Errorf("%s differs from one run to the next", f.Path)
		}
		if seen[f.Path] || !strings.HasPrefix(f.Path, "sql/") {
			t.Errorf("path %s", f.Path)
		}
		seen[f.Path] = true
		if !bytes.HasPrefix(f.Content, []byte(marker)) || !bytes.HasSuffix(f.Content, []byte("\n")) {
			t.Errorf("%s lacks the marker or the last line's end", f.Path)
		}
		for n, line := range strings.Split(string(f.Content), "\n") {
			if strings.TrimRight(line, " \t") != line {
				t.Errorf("%s:%d ends in white space", f.Path, n+1)
			}
		}
		if bytes.Contains(f.Content, []byte("PREPARE")) {
			t.Errorf("%s builds SQL", f.Path)
		}
	}
	for _, f := range files[:len(files)-1] {
		if !bytes.Contains(files[len(files)-1].Content, []byte("SOURCE "+f.Path[len("sql/"):]+"\n")) {
			t.Errorf("install.sql lacks %s", f.Path)
		}
	}
}

// thousand makes templates of ten fields, two indexes and a query.
func thousand(t testing.TB, n int) *model.Set {
	t.Helper()
	sources := make([]load.Source, n)
	for i := range sources {
		tla := string([]byte{'a' + byte(i/676%26), 'a' + byte(i/26%26), 'a' + byte(i%26)})
		var b strings.Builder
		fmt.Fprintf(&b, "version = 1\nschema = \"rel\"\nservice = \"app_server\"\ntemplate_class = \"Thing%d\"\ncollection = \"msThing%d\"\nextension = \"_%s\"\n[behaviour]\nupdates = true\ndeletes = \"soft\"\n[fields]\n", i, i, tla)
		for n, typ := range []string{`{ type = "string(40)", required = true }`, `"string(80)"`, `"integer"`, `"decimal(12,2)"`, `"timestamp"`, `"date"`, `"boolean"`, `"guid"`, `{ type = "enum", values = ["a", "b"] }`, `"text"`} {
			fmt.Fprintf(&b, "f%d_%s = %s\n", n, tla, typ)
		}
		fmt.Fprintf(&b, "[unique_indexes]\nf0_%[1]s = true\n[compound_indexes]\nf7_f4 = [\"f7_%[1]s\", \"-f4_%[1]s\"]\n", tla)
		fmt.Fprintf(&b, "[queries.recent]\nparams = { owner = \"guid\" }\nfilter = { f7_%[1]s = \"$owner\" }\nsort = [\"-f4_%[1]s\"]\nlimit = 20\n", tla)
		sources[i] = load.Source{Path: fmt.Sprintf("thing%d_rec.toml", i), Data: []byte(b.String())}
	}
	r := load.Sources(sources...)
	if r.Set == nil {
		t.Fatalf("findings: %v", r.Findings[0])
	}
	return r.Set
}

// BenchmarkFiles emits the SQL of 1,000 templates of ten fields.
func BenchmarkFiles(b *testing.B) {
	set := thousand(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		total := 0
		for _, f := range Files(set) {
			total += len(f.Content)
		}
		b.SetBytes(int64(total))
	}
}
