package load_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/beds-project/beds/gen/load"
)

// FuzzParse takes any bytes through the whole front end: nothing panics, every
// finding lies within the file, and a template without findings resolves.
func FuzzParse(f *testing.F) {
	dirs, err := filepath.Glob("testdata/bad/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, dir := range append(dirs, "../../recs") {
		for _, s := range readCorpus(f, dir) {
			f.Add(s.Data)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		result := load.Sources(load.Source{Path: "fuzz_rec.toml", Data: src})
		if (result.Set == nil) == (len(result.Findings) == 0) {
			t.Fatal("a set with findings, or neither")
		}
		lines := bytes.SplitAfter(src, []byte("\n"))
		offset := make([]int, len(lines))
		for i := 1; i < len(lines); i++ {
			offset[i] = offset[i-1] + len(lines[i-1])
		}
		for _, finding := range result.Findings {
			p := finding.Pos
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len(lines[p.Line-1])+1 {
				t.Fatalf("%v lies outside of the file", finding)
			}
			if end := offset[p.Line-1] + p.Column - 1 + p.Length; p.Length < 0 || end > len(src) {
				t.Fatalf("%v ends outside of the file", finding)
			}
		}
	})
}
