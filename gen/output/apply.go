package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Apply makes the disk as it would be emitted. New contents are first written
// beside their targets; only when all of them are on the disk are they renamed, so
// that a full disk or a missing right changes nothing. A rename that fails is
// undone together with those before it.
func (t Tree) Apply(diffs []Difference) (err error) {
	var staged []stagedFile
	defer func() {
		for _, s := range staged {
			os.Remove(s.temp) //nolint:errcheck // already renamed, or a leftover that cannot be helped
		}
	}()
	for _, d := range diffs {
		if d.Kind == Stale {
			continue
		}
		s, err := t.stage(d)
		if err != nil {
			return fmt.Errorf("output: nothing was changed: %w", err)
		}
		staged = append(staged, s)
	}
	if err := commit(staged); err != nil {
		return err
	}
	for _, d := range diffs {
		if d.Kind == Stale {
			if err := t.remove(d.Path); err != nil {
				return err
			}
		}
	}
	return nil
}

type stagedFile struct {
	temp, target string
	have         []byte // what the target held; nil where there was none
}

func (t Tree) stage(d Difference) (stagedFile, error) {
	target := t.path(d.Path)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return stagedFile{}, err
	}
	f, err := os.CreateTemp(filepath.Dir(target), ".bedsgen-*")
	if err != nil {
		return stagedFile{}, err
	}
	s := stagedFile{f.Name(), target, d.Have}
	_, err = f.Write(d.Want)
	err = errors.Join(err, f.Chmod(0o644), f.Close())
	if err != nil {
		os.Remove(s.temp) //nolint:errcheck // the write's error is the one to tell
	}
	return s, err
}

func commit(staged []stagedFile) error {
	for i, s := range staged {
		if err := os.Rename(s.temp, s.target); err != nil {
			return errors.Join(fmt.Errorf("output: %w", err), undo(staged[:i]))
		}
	}
	return nil
}

// undo puts back what the renames replaced.
func undo(staged []stagedFile) error {
	var errs []error
	for _, s := range staged {
		if s.have == nil {
			errs = append(errs, os.Remove(s.target))
			continue
		}
		errs = append(errs, os.WriteFile(s.target, s.have, 0o644))
	}
	return errors.Join(errs...)
}

// remove deletes a stale file and the folders that it leaves empty.
func (t Tree) remove(p string) error {
	target := t.path(p)
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("output: %w", err)
	}
	root := filepath.Clean(t.Root)
	for dir := filepath.Dir(target); dir != root; dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil { // not empty
			return nil
		}
	}
	return nil
}
