package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A result is what a run of the command left for its caller.
type result struct {
	code           int
	stdout, stderr string
}

func bedsgen(args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(args, &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// want fails the test unless a run ended with a code and said something. An empty
// text stands for silence.
func (r result) want(t *testing.T, code int, stdout, stderr string) {
	t.Helper()
	said := func(got, want string) bool {
		return want == "" && got == "" || want != "" && strings.Contains(got, want)
	}
	if r.code != code || !said(r.stdout, stdout) || !said(r.stderr, stderr) {
		t.Errorf("code %d, want %d\nstdout %q, want %q\nstderr %q, want %q", r.code, code, r.stdout, stdout, r.stderr, stderr)
	}
}

const rowTemplate = `version        = 1
schema         = "rel"
service        = "app_server"
template_class = "Thing"
collection     = "msThing"
extension      = "_thg"

[fields]
name_thg = { type = "string(40)", required = true, doc = "What people call it." }
size_thg = "integer"

[unique_indexes]
name_thg = true
`

// workspace is a module with one template.
func workspace(t *testing.T) string {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := t.TempDir()
	put(t, dir, "go.mod", "module example.com/shop\n\ngo 1.26\n")
	put(t, dir, "recs/thing_rec.toml", rowTemplate)
	return dir
}

func put(t *testing.T, dir, name, content string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"-h"}, {"--help"}} {
		r := bedsgen(args...)
		r.want(t, 0, "Exit codes: 0 fine; 1 findings", "")
		for _, c := range commands() {
			if !strings.Contains(r.stdout, "  "+c.name+" ") {
				t.Errorf("help does not list %s", c.name)
			}
		}
	}
	bedsgen("check", "-h").want(t, 0, "", "usage: bedsgen check")
	bedsgen("version").want(t, 0, "bedsgen ", "")
}

func TestWrongUsage(t *testing.T) {
	dir := workspace(t)
	for want, args := range map[string][]string{
		`no command "gnerate"`:             {"gnerate"},
		`unexpected argument "x"`:          {"check", "-C", dir, "x"},
		"flag provided but not defined":    {"generate", "-nonsense"},
		`not "yaml"`:                       {"generate", "-C", dir, "-format", "yaml"},
		"-out must be a folder below":      {"generate", "-C", dir, "-out", "../x"},
		"-sql must be a folder below":      {"generate", "-C", dir, "-sql", "."},
		"must not lie within each other":   {"generate", "-C", dir, "-out", "gen", "-sql", "gen/sql"},
		"there is no folder":               {"generate", "-C", dir, "-recs", "absent"},
		"no template *_rec.toml":           {"generate", "-C", dir, "-recs", "."},
		`there is no rule "no-such"`:       {"rules", "no-such"},
		"needs the NAME":                   {"new"},
		"needs the MODULE":                 {"init"},
		`NAME must be lower-case letters`:  {"new", "-C", dir, "Order"},
		`-schema is rec or rel, not "sql"`: {"new", "-C", dir, "-schema", "sql", "order"},
		"thing_rec.toml exists already":    {"new", "-C", dir, "thing"},
		`cannot be a module path`:          {"init", "-C", dir + "/x", "bad path"},
		"go.mod exists already":            {"init", "-C", dir, "example.com/shop"},
		`[bad-tla]`:                        {"new", "-C", dir, "-tla", "toolong", "order"},
		`[bad-collection]`:                 {"new", "-C", dir, "-wbid", "m", "order"},
		`is a keyword of Go`:               {"new", "-C", dir, "func"},
		`has a meaning for the go command`: {"new", "-C", dir, "internal"},
		`[duplicate-tla]`:                  {"new", "-C", dir, "-tla", "thg", "order"},
	} {
		bedsgen(args...).want(t, 2, "", want)
	}
	if strings.Contains(strings.Join(list(t, dir), " "), "order") {
		t.Error("something was written")
	}
}

// list returns the files below a folder, slash-separated and sorted.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			files = append(files, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestRules(t *testing.T) {
	bedsgen("rules").want(t, 0, "unknown-field", "")
	bedsgen("rules", "unknown-field").want(t, 0, "unknown-field: ", "")
}
