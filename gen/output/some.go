package output

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"github.com/beds-project/beds/gen/emit"
)

// CompareSome is Compare for some of the files of a tree whose other files are
// known to be as they were. The manifests are taken from the disk, with the hashes
// of these files replaced; a file that is not in them is an error. Nothing is found
// to be stale.
func (t Tree) CompareSome(files []emit.File) ([]Difference, error) {
	files, err := t.sorted(files)
	if err != nil {
		return nil, err
	}
	for i, dir := range t.Dirs {
		hashes := map[string]string{}
		for _, f := range files {
			if t.dirOf(f.Path) == i && !isManifest(f.Path) {
				hashes[f.Path[len(dir)+1:]] = shortHash(f.Content)
			}
		}
		manifest, err := t.patched(dir, hashes)
		if err != nil {
			return nil, err
		}
		files = append(files, manifest)
	}
	return t.differing(files)
}

// patched is a folder's manifest with some of its hashes replaced.
func (t Tree) patched(dir string, hashes map[string]string) (emit.File, error) {
	f := emit.File{Path: dir + "/" + ManifestName}
	old, err := os.ReadFile(t.path(f.Path))
	if err != nil {
		return f, fmt.Errorf("output: %w", err)
	}
	var b bytes.Buffer
	b.Grow(len(old))
	found := 0
	for line := range strings.Lines(string(old)) {
		_, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if hash, ok := hashes[name]; ok {
			writeEntry(&b, hash, name)
			found++
			continue
		}
		b.WriteString(line)
	}
	if found != len(hashes) {
		return f, fmt.Errorf("output: %s does not list all files that are emitted", t.path(f.Path))
	}
	f.Content = b.Bytes()
	return f, nil
}
