package output

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/beds-project/beds/gen/emit"
)

// ManifestName is the file in each output folder that lists what bedsgen wrote
// there: a short hash and a path a line, sorted by path. It is committed.
const ManifestName = ".bedsgen-manifest"

func isManifest(p string) bool { return path.Base(p) == ManifestName }

// manifests makes the manifest of each folder from the hashes of all files.
func (t Tree) manifests(hashes map[string]string) []emit.File {
	contents := make([]bytes.Buffer, len(t.Dirs))
	for _, p := range slices.Sorted(maps.Keys(hashes)) {
		d := t.dirOf(p)
		writeEntry(&contents[d], hashes[p], p[len(t.Dirs[d])+1:])
	}
	out := make([]emit.File, len(t.Dirs))
	for i, dir := range t.Dirs {
		out[i] = emit.File{Path: dir + "/" + ManifestName, Content: contents[i].Bytes()}
	}
	return out
}

func writeEntry(b *bytes.Buffer, hash, name string) {
	b.WriteString(hash)
	b.WriteString("  ")
	b.WriteString(name)
	b.WriteByte('\n')
}

// shortHash tells a file that was changed by hand from one that was not; it need
// not withstand anybody who wants two files to have the same.
func shortHash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// listed reads all manifests: path to hash.
func (t Tree) listed() (map[string]string, error) {
	listed := map[string]string{}
	for _, dir := range t.Dirs {
		b, err := os.ReadFile(t.path(dir + "/" + ManifestName))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			if hash, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  "); ok {
				listed[dir+"/"+name] = hash
			}
		}
	}
	return listed, nil
}
