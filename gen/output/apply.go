package output

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Apply makes the disk as it would be emitted. New contents are first written
// beside their targets; only when all of them are on the disk are they renamed, so
// that a full disk or a missing right changes nothing. A rename that fails is
// undone together with those before it.
func (t Tree) Apply(diffs []Difference) error {
	s := &staging{tree: t, folders: map[string]string{}}
	err := s.stage(diffs)
	if err == nil {
		err = s.commit()
	}
	if err != nil {
		return fmt.Errorf("output: nothing was changed: %w", errors.Join(err, s.undo()))
	}
	return s.finish()
}

// commit moves everything to its place.
func (s *staging) commit() error {
	for _, st := range s.steps {
		from, to := st.temp, st.target
		if st.kind == Stale {
			from, to = to, from
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
		s.done++
	}
	return nil
}

// undo puts everything back as it was.
func (s *staging) undo() error {
	var errs []error
	for _, st := range s.steps[:s.done] {
		switch st.kind {
		case Missing:
			errs = append(errs, os.Rename(st.target, st.temp), os.RemoveAll(st.temp))
		case Changed:
			errs = append(errs, os.WriteFile(st.target, st.have, 0o644))
		case Stale:
			errs = append(errs, os.Rename(st.temp, st.target))
		}
	}
	for _, st := range s.steps[s.done:] {
		if st.kind != Stale {
			errs = append(errs, os.RemoveAll(st.temp))
		}
	}
	return errors.Join(errs...)
}

// finish deletes the stale files and the folders that they leave empty.
func (s *staging) finish() error {
	root := filepath.Clean(s.tree.Root)
	for _, st := range s.steps {
		if st.kind != Stale {
			continue
		}
		if err := os.Remove(st.temp); err != nil {
			return fmt.Errorf("output: %w", err)
		}
		for dir := filepath.Dir(st.target); dir != root; dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil { // not empty
				break
			}
		}
	}
	return nil
}
