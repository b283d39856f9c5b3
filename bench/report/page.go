package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/beds-project/beds/bench/suite"
)

// A File is what is kept of a class that was run, beside the page.
type File struct {
	Command  string
	Machine  string
	Revision string // of BEDS
	Result   *suite.Result
}

// Save keeps a class's result for the page.
func Save(dir string, f *File) error {
	text, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, f.Result.Name+".json"), text, 0o644)
}

// load reads the last results, in the order of the classes; those never run are left out.
func load(dir string) (list []*File, err error) {
	for _, name := range suite.Names() {
		text, err := os.ReadFile(filepath.Join(dir, name+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		f := new(File)
		if err == nil {
			err = json.Unmarshal(text, f)
		}
		if err != nil {
			return nil, fmt.Errorf("the kept result of %s: %w", name, err)
		}
		list = append(list, f)
	}
	return list, nil
}

//go:embed head.md
var head string

// walls is what stands in the way of goals. Its profile was taken by hand.
//
//go:embed walls.md
var walls string

// Write makes docs/benchmarks.md and its plots of the results kept in dir.
func Write(dir, docs string) error {
	files, err := load(dir)
	if err != nil || len(files) == 0 {
		return err
	}
	images := filepath.Join(docs, "img")
	if err := os.MkdirAll(images, 0o755); err != nil {
		return err
	}
	page := bytes.NewBufferString(head)
	machines(page, files)
	goals(page, files)
	page.WriteString(walls)
	for _, f := range files {
		if err := section(page, f, images); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(docs, "benchmarks.md"), page.Bytes(), 0o644)
}

// machines says on what and when, once where all classes agree.
func machines(w *bytes.Buffer, files []*File) {
	fmt.Fprint(w, "\n## Machine and versions\n\n")
	seen := map[string]bool{}
	for _, f := range files {
		if !seen[f.Machine] {
			fmt.Fprintf(w, "%s\n\n", f.Machine)
		}
		seen[f.Machine] = true
	}
}

func section(w *bytes.Buffer, f *File, images string) error {
	r := f.Result
	fmt.Fprintf(w, "\n## %s: %s\n\n%s\n\n", r.Name, r.Title, r.Doc)
	fmt.Fprintf(w, "`%s`, BEDS %s, %s; %d rounds of %.1f s each", f.Command, f.Revision, r.When.UTC().Format("2006-01-02 15:04 UTC"), r.Rounds, r.Seconds)
	if r.Settings != "" {
		fmt.Fprintf(w, "; %s", r.Settings)
	}
	var load float64
	for i := range r.Series {
		load += spreadOf(r.Series[i].Runs, foreign).median / float64(len(r.Series))
	}
	fmt.Fprintf(w, "; other programs kept %.2f cores busy.\n\n", load)
	table(w, r)
	legend(w, r)
	return pictures(w, r, images)
}

// legend explains the contestants of a class, each once.
func legend(w *bytes.Buffer, r *suite.Result) {
	last := ""
	for i := range r.Series {
		name, _, _ := strings.Cut(r.Series[i].Name, " ")
		if name != last {
			fmt.Fprintf(w, "- **%s**: %s.\n", name, r.Series[i].Doc)
		}
		last = name
	}
	fmt.Fprintln(w)
}

// pictures draws what suits the class.
func pictures(w *bytes.Buffer, r *suite.Result, images string) error {
	draw := []struct {
		kind, alt string
		plot      func(*suite.Result, string) error
		scale     func(*suite.Measure) float64 // by which contestants may be beyond the plot
	}{{"rate", "rates", throughput, rate}, {"cpu", "CPU by process", costs, total}}
	switch {
	case strings.HasSuffix(r.Name, "-open"):
		draw = draw[:1]
		draw[0].kind, draw[0].alt, draw[0].plot, draw[0].scale = "latency", "latency by offered rate", latency, nil
	case strings.HasSuffix(r.Name, "-flight"):
		draw = draw[:1]
		draw[0].plot, draw[0].scale = flights, nil
	}
	for _, d := range draw {
		name := strings.ToLower(r.Name) + "-" + d.kind + ".png"
		if err := d.plot(r, filepath.Join(images, name)); err != nil {
			return fmt.Errorf("plot %s: %w", name, err)
		}
		fmt.Fprintf(w, "![%s: %s](img/%s)\n", r.Name, d.alt, name)
		if d.scale == nil {
			continue
		}
		if _, others := drawable(r, d.scale); len(others) > 0 {
			fmt.Fprintf(w, "\nBeyond the scale, so in the table only: %s.\n\n", strings.Join(others, ", "))
		}
	}
	return nil
}
