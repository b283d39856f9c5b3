package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestNew(t *testing.T) {
	dir := workspace(t)
	bedsgen("new", "order_line", "-C", dir, "-schema", "rel", "-wbid", "ab").want(t, 0, "recs/order_line_rec.toml", "")
	text := get(t, dir, "recs/order_line_rec.toml")
	for _, want := range []string{`schema         = "rel"`, `"OrderLine"`, `"abOrderLine"`, `"_ord"`, "email_ord"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	bedsgen("-q", "-C", dir).want(t, 0, "", "")
	// The tag that is made of the name is taken now.
	bedsgen("new", "order", "-C", dir).want(t, 2, "", "nothing was written")
	bedsgen("new", "order", "-C", dir, "-tla", "odr").want(t, 0, "wrote", "")
}

// The whole way of somebody who has a checkout of BEDS and a template that its
// developers have never seen.
func TestAModuleOfItsOwn(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	if goCache, err := exec.Command("go", "env", "GOCACHE").Output(); err == nil {
		t.Setenv("GOCACHE", strings.TrimSpace(string(goCache)))
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	bedsgen("init", "example.com/my-shop", "-C", dir, "-beds", root, "-no-tidy").want(t, 0, "Next:", "")
	bedsgen("init", "example.com/my-shop", "-C", dir, "-beds", root).want(t, 2, "", "exists already")

	text, err := os.ReadFile("testdata/parcel_rec.toml")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "recs/parcel_rec.toml", string(text))
	require(t, root, dir)
	t.Setenv("GOFLAGS", "-trimpath") // the temporary folder's name keeps nothing from the build cache
	for _, args := range [][]string{{"build", "./..."}, {"vet", "./..."}, {"generate", "./..."}, {"tool", "bedsgen", "check"}} {
		if args[0] == "build" {
			bedsgen("generate", "-C", dir).want(t, 0, "wrote    generated/parcel/record.go", "")
		}
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %v: %v\n%s", args, err, out)
		}
	}
}

// require does what go mod tidy does, without a look at the world outside.
func require(t *testing.T, root, dir string) {
	t.Helper()
	put(t, dir, "go.sum", get(t, root, "go.sum"))
	mod := get(t, root, "go.mod")
	put(t, dir, "go.mod", get(t, dir, "go.mod")+mod[strings.Index(mod, "require ("):])
}
