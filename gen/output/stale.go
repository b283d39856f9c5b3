package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stale lists the files below a folder that are not wanted and are bedsgen's own:
// those that carry the header, those of the manifest that nobody has changed since,
// and what a run that was killed left behind. A listed file that was changed and
// has no header was taken over by somebody and stays.
func (t Tree) stale(dir string, want map[string]bool) ([]Difference, error) {
	listed, err := t.listed()
	if err != nil {
		return nil, err
	}
	var diffs []Difference
	err = filepath.WalkDir(t.path(dir), func(p string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() { // links lead elsewhere and are not ours
			return err
		}
		rel, err := filepath.Rel(t.Root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if want[rel] {
			return nil
		}
		content, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		hash, ok := listed[rel]
		if ok && hash == shortHash(content) || hasMarker(content) || strings.HasPrefix(d.Name(), tempPrefix) {
			diffs = append(diffs, Difference{rel, Stale, content, nil})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	return diffs, nil
}
