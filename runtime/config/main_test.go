package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// minimal is the least that loads in dev.
const minimal = "wbid = \"ms\"\n"

// passwords lets a test do without a file of its own.
var passwords = map[string]string{
	"BEDS_AMQP_PASSWORD": "a", "BEDS_MARIADB_PASSWORD": "b", "BEDS_MONGODB_PASSWORD": "c",
}

// A tree is the files of one test by name, and its environment.
type tree struct {
	files map[string]string
	vars  map[string]string
	env   string
}

// write lays the files out and returns their directory.
func (tr tree) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range tr.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load loads the tree; findings name files without the test's directory.
func (tr tree) load(t testing.TB) (*Config, string) {
	t.Helper()
	return tr.loadFrom(t, tr.write(t))
}

func (tr tree) loadFrom(t testing.TB, dir string) (*Config, string) {
	t.Helper()
	vars := map[string]string{}
	for _, m := range []map[string]string{passwords, tr.vars} {
		for k, v := range m {
			vars[k] = v
		}
	}
	names := []string{}
	for name := range vars {
		names = append(names, name)
	}
	c, err := Load(Options{Dir: dir, Env: tr.env, Names: names, Environ: func(name string) (string, bool) {
		v, ok := vars[name]
		return v, ok
	}})
	if err == nil {
		return c, ""
	}
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("Load returns a %T, want Errors", err)
	}
	if c != nil {
		t.Error("Load returns a Config beside an error")
	}
	return nil, strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
}

// mustLoad fails the test on any finding.
func (tr tree) mustLoad(t testing.TB) *Config {
	t.Helper()
	c, errs := tr.load(t)
	if errs != "" {
		t.Fatalf("unexpected findings:\n%s", errs)
	}
	return c
}

// base is a tree with one file.
func base(text string) tree { return tree{files: map[string]string{"beds.toml": text}} }
