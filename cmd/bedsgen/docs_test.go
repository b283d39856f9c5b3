package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDocs(t *testing.T) {
	dir := workspace(t)
	put(t, dir, "docs/domains/note.txt", "somebody else's\n")
	bedsgen("docs", "-C", dir).want(t, 0, "wrote    docs/domains/thing.md", "")
	bedsgen("docs", "-C", dir).want(t, 0, "up to date", "")
	if page := get(t, dir, "docs/domains/thing.md"); !strings.Contains(page, "What people call it.") {
		t.Error(page)
	}
	if err := os.Rename(filepath.Join(dir, "recs/thing_rec.toml"), filepath.Join(dir, "recs/item_rec.toml")); err != nil {
		t.Fatal(err)
	}
	bedsgen("docs", "-C", dir).want(t, 0, "removed  docs/domains/thing.md", "")
	get(t, dir, "docs/domains/note.txt")
	bedsgen("docs", "-C", dir, "-o", "pages").want(t, 0, "wrote    pages/README.md", "")
	bedsgen("docs", "-C", dir, "-o", "../pages").want(t, 2, "", "-o must be a folder below the root")
	put(t, dir, "recs/item_rec.toml", "versoin = 1\n")
	bedsgen("docs", "-C", dir).want(t, 1, "", `did you mean "version"?`)
}

// TestJSON: with -json every command that has a result prints it for machines.
func TestJSON(t *testing.T) {
	dir := workspace(t)
	type outcome struct {
		Templates int
		Files     []struct{ Path, Kind string }
	}
	read := func(r result, code int) (o outcome) {
		t.Helper()
		if err := json.Unmarshal([]byte(r.stdout), &o); err != nil || r.code != code || r.stderr != "" {
			t.Fatalf("code %d, want %d: %v\n%s%s", r.code, code, err, r.stdout, r.stderr)
		}
		return o
	}
	missing := read(bedsgen("check", "-json", "-C", dir), 1)
	if missing.Templates != 1 || len(missing.Files) == 0 || missing.Files[0].Kind != "missing" {
		t.Errorf("check: %+v", missing)
	}
	if wrote := read(bedsgen("generate", "-json", "-C", dir), 0); len(wrote.Files) != len(missing.Files) {
		t.Errorf("generate wrote %d files, check missed %d", len(wrote.Files), len(missing.Files))
	}
	if left := read(bedsgen("check", "-json", "-C", dir), 0); len(left.Files) != 0 {
		t.Errorf("check: %+v", left)
	}
	if pages := read(bedsgen("docs", "-json", "-C", dir), 0); len(pages.Files) != 3 { // two pages and the manifest
		t.Errorf("docs: %+v", pages)
	}
	var rules []struct{ Rule, Asks, Cure string }
	if err := json.Unmarshal([]byte(bedsgen("rules", "-json").stdout), &rules); err != nil || len(rules) < 60 || rules[0].Cure == "" {
		t.Errorf("%d rules, %v", len(rules), err)
	}
}
