package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// present lists the regular files in the output folders. Links lead elsewhere and are
// not bedsgen's.
func (t Tree) present() ([]string, error) {
	var list []string
	for _, dir := range t.Dirs {
		err := filepath.WalkDir(t.path(dir), func(p string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			rel, err := filepath.Rel(t.Root, p)
			list = append(list, filepath.ToSlash(rel))
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
	}
	return list, nil
}

// stale picks from files those that are not wanted and are bedsgen's own: those that
// carry the header, those of the manifest that nobody has changed since, and what a
// run that was killed left behind. A listed file that was changed and has no header
// was taken over by somebody and stays.
func (t Tree) stale(files []string, want map[string]string) ([]Difference, error) {
	listed, err := t.listed()
	if err != nil {
		return nil, err
	}
	var diffs []Difference
	for _, p := range files {
		if _, wanted := want[p]; wanted {
			continue
		}
		content, err := os.ReadFile(t.path(p))
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
		hash, ok := listed[p]
		if ok && hash == shortHash(content) || hasMarker(content) || strings.HasPrefix(filepath.Base(p), tempPrefix) {
			diffs = append(diffs, Difference{p, Stale, content, nil})
		}
	}
	return diffs, nil
}
