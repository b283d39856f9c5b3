//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A bench measures one bedsgen, and peers that lie beside it.
type bench struct {
	bedsgen, checkout, dir string
	runs                   int
	load                   string // of the machine, before
	tables                 []table
}

// generate measures bedsgen with a number of templates: from nothing, with nothing
// changed, with one template changed.
func (b *bench) generate(count int) error {
	dir := filepath.Join(b.dir, fmt.Sprint(count))
	if err := b.module(dir, count); err != nil {
		return err
	}
	recs := filepath.Join(dir, "recs")
	run := func() (cost, error) { return b.emit(dir) }
	clean := func(int) error {
		return errors.Join(os.RemoveAll(filepath.Join(dir, "generated")), os.RemoveAll(filepath.Join(dir, "sql")), os.RemoveAll(filepath.Join(b.dir, "cache")))
	}
	settle := func(int) error { time.Sleep(50 * time.Millisecond); return nil }
	change := func(i int) error {
		err := writeTemplate(recs, count/2, fmt.Sprintf("Changed %d times.", i+1))
		return errors.Join(err, settle(i))
	}
	check := func() (cost, error) { c, _, err := b.measure(dir, nil, b.bedsgen, "check"); return c, err }
	for _, m := range []struct {
		what    string
		prepare func(int) error
		run     func() (cost, error)
	}{{"cold", clean, run}, {"nothing changed", settle, run}, {"one changed", change, run}, {"check", settle, check}} {
		if _, err := b.median(fmt.Sprintf("bedsgen, %d templates, %s", count, m.what), b.runs, m.prepare, m.run); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) emit(dir string) (cost, error) {
	c, _, err := b.measure(dir, nil, b.bedsgen, "generate", "-q")
	return c, err
}

// compile measures go build of what is emitted: all packages when those that they
// import are in the build cache already, a node, and both after a change of one
// template. The floor is as many packages that do next to nothing.
func (b *bench) compile(count int) error {
	dir := filepath.Join(b.dir, "compile")
	err := b.module(dir, count)
	if err == nil {
		err = writeFloor(filepath.Join(dir, "floor"), count)
	}
	if err == nil {
		err = os.MkdirAll(filepath.Join(dir, "node"), 0o755)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "node", "main.go"), []byte(nodeSource), 0o644)
	}
	if err == nil {
		_, err = b.emit(dir)
	}
	if err == nil { // the runtime is compiled with the code of one template
		err = b.build(dir, "./generated/domain0", "./floor/p0", "github.com/beds-project/beds/runtime/command")
	}
	if err != nil {
		return err
	}
	build := func(packages ...string) func() (cost, error) {
		return func() (cost, error) {
			c, _, err := b.measure(dir, nil, "go", append([]string{"build"}, packages...)...)
			return c, err
		}
	}
	change := func(i int) error {
		time.Sleep(50 * time.Millisecond)
		err := writeTemplate(filepath.Join(dir, "recs"), 0, fmt.Sprintf("Changed %d times.", i+1))
		if err == nil {
			_, err = b.emit(dir)
		}
		return err
	}
	for _, m := range []struct {
		what    string
		runs    int
		prepare func(int) error
		run     func() (cost, error)
	}{
		{"smallest packages, all", 1, always, build("./floor/...")},
		{"emitted packages, all", 1, always, build("./generated/...")},
		{"emitted packages, one changed", b.runs, change, build("./generated/...")},
		{"a node, first link", 1, always, build("-o", "node.bin", "./node")},
		{"a node, one changed", b.runs, func(i int) error { return change(i + b.runs) }, build("-o", "node.bin", "./node")},
	} {
		if _, err := b.median(fmt.Sprintf("go build, %d %s", count, m.what), m.runs, m.prepare, m.run); err != nil {
			return err
		}
	}
	return b.start(dir, count)
}

func (b *bench) build(dir string, packages ...string) error {
	_, _, err := b.measure(dir, nil, "go", append([]string{"build"}, packages...)...)
	return err
}

// module makes a module with templates that uses the checkout.
func (b *bench) module(dir string, count int) error {
	recs := filepath.Join(dir, "recs")
	if err := os.MkdirAll(recs, 0o755); err != nil {
		return err
	}
	for i := range count {
		if err := writeTemplate(recs, i, "One of many domains."); err != nil {
			return err
		}
	}
	mod, err := os.ReadFile(filepath.Join(b.checkout, "go.mod"))
	if err != nil {
		return err
	}
	mod = bytes.Replace(mod, []byte("module github.com/beds-project/beds\n"), []byte("module example.com/bench\n"), 1)
	mod = append(mod, "\nrequire github.com/beds-project/beds v0.0.0\n\nreplace github.com/beds-project/beds => "+b.checkout+"\n"...)
	sum, err := os.ReadFile(filepath.Join(b.checkout, "go.sum"))
	return errors.Join(err, os.WriteFile(filepath.Join(dir, "go.mod"), mod, 0o644), os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644))
}
