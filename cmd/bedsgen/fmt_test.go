package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

func TestFmt(t *testing.T) {
	dir := workspace(t)
	bedsgen("fmt", "-l", "-C", dir).want(t, 0, "", "")
	ugly := strings.NewReplacer("version        =", "version=", "\n[fields]", "[fields]", "size_thg =", "\tsize_thg=").Replace(rowTemplate)
	put(t, dir, "recs/thing_rec.toml", ugly)
	path := filepath.Join(dir, "recs/thing_rec.toml")
	bedsgen("fmt", "-l", "-C", dir).want(t, 1, path+"\n", "")
	if get(t, dir, "recs/thing_rec.toml") != ugly {
		t.Error("-l changes files")
	}
	bedsgen("fmt", "-C", dir).want(t, 0, path+"\n", "")
	if got := get(t, dir, "recs/thing_rec.toml"); got != rowTemplate {
		t.Errorf("got\n%s", got)
	}
	bedsgen("fmt", path).want(t, 0, "", "")

	put(t, dir, "recs/broken_rec.toml", "version = \n")
	bedsgen("fmt", "-C", dir).want(t, 1, "", "broken_rec.toml:1:")
	if get(t, dir, "recs/broken_rec.toml") != "version = \n" {
		t.Error("a broken file was changed")
	}
	bedsgen("fmt", filepath.Join(dir, "absent")).want(t, 2, "", "absent")
}

// What bedsgen itself writes is in the standard form.
func TestNewIsFormatted(t *testing.T) {
	dir := workspace(t)
	bedsgen("new", "order", "-C", dir).want(t, 0, "wrote", "")
	bedsgen("fmt", "-l", "-C", dir).want(t, 0, "", "")
}

func TestSchema(t *testing.T) {
	r := bedsgen("schema")
	r.want(t, 0, `"title": "REC template"`, "")
	if !json.Valid([]byte(r.stdout)) {
		t.Error("not JSON")
	}
	dir := t.TempDir()
	bedsgen("schema", "-o", filepath.Join(dir, "rec.json")).want(t, 0, "", "")
	if get(t, dir, "rec.json") != r.stdout {
		t.Error("-o writes something else")
	}
	bedsgen("schema", "-o", filepath.Join(dir, "absent", "rec.json")).want(t, 2, "", "absent")
}
