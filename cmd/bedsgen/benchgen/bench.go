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

// A bench measures one bedsgen.
type bench struct {
	bedsgen, checkout, dir string
	runs                   int
}

// generate measures bedsgen with a number of templates: from nothing, with nothing
// changed, with one template changed.
func (b *bench) generate(dir string, count int) error {
	if err := b.module(dir, count); err != nil {
		return err
	}
	recs := filepath.Join(dir, "recs")
	run := func() (cost, error) { return b.measure(dir, b.bedsgen, "generate", "-q") }
	clean := func(int) error {
		return errors.Join(os.RemoveAll(filepath.Join(dir, "generated")), os.RemoveAll(filepath.Join(dir, "sql")), os.RemoveAll(filepath.Join(b.dir, "cache")))
	}
	settle := func(int) error { time.Sleep(50 * time.Millisecond); return nil }
	change := func(i int) error {
		err := writeTemplate(recs, count/2, fmt.Sprintf("Changed %d times.", i+1))
		return errors.Join(err, settle(i))
	}
	label := func(what string) string { return fmt.Sprintf("%d templates, %s", count, what) }
	err := b.median(label("cold"), b.runs, clean, run)
	if err == nil {
		err = b.median(label("nothing changed"), b.runs, settle, run)
	}
	if err == nil {
		err = b.median(label("one changed"), b.runs, change, run)
	}
	if err == nil {
		err = b.median(label("check"), b.runs, settle, func() (cost, error) { return b.measure(dir, b.bedsgen, "check") })
	}
	return err
}

// compile measures go build of what is emitted: all of it, when the runtime is in
// the build cache already, and after a change of one template.
func (b *bench) compile(dir string, count int) error {
	if err := b.module(dir, count); err != nil {
		return err
	}
	generate := func() error { _, err := b.measure(dir, b.bedsgen, "generate", "-q"); return err }
	if err := generate(); err != nil {
		return err
	}
	// The runtime is compiled with the code of one template, which then changes.
	if _, err := b.measure(dir, "go", "build", "./generated/domain0"); err != nil {
		return err
	}
	change := func(i int) error {
		time.Sleep(50 * time.Millisecond)
		return errors.Join(writeTemplate(filepath.Join(dir, "recs"), 0, fmt.Sprintf("Changed %d times.", i+1)), generate())
	}
	build := func() (cost, error) { return b.measure(dir, "go", "build", "./generated/...") }
	if err := b.median(fmt.Sprintf("go build, %d templates, cold", count), 1, change, build); err != nil {
		return err
	}
	return b.median(fmt.Sprintf("go build, %d templates, one changed", count), b.runs, func(i int) error { return change(i + 1) }, build)
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
