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
	s := t.staging()
	return s.end(s.stage(diffs))
}

// end commits what is staged, unless there is an error already; then, as when it
// fails itself, it puts everything back.
func (s *staging) end(err error) error {
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
		switch st.kind {
		case Stale:
			from, to = to, from
		case Changed:
			if err := backUp(st.target, st.backup()); err != nil {
				return err
			}
		}
		if err := os.Rename(from, to); err != nil {
			return err
		}
		s.done++
	}
	return nil
}

// backUp gives a file a second name or, where the file system knows none, a copy.
func backUp(target, backup string) error {
	if os.Link(target, backup) == nil {
		return nil
	}
	content, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	return os.WriteFile(backup, content, 0o644)
}

// undo puts everything back as it was.
func (s *staging) undo() error {
	var errs []error
	for i, st := range s.steps {
		done := i < s.done
		switch {
		case st.kind == Changed && done:
			errs = append(errs, os.Rename(st.backup(), st.target))
		case st.kind == Changed:
			errs = append(errs, os.RemoveAll(st.backup()), os.RemoveAll(st.temp))
		case st.kind == Missing && done:
			errs = append(errs, os.Rename(st.target, st.temp), os.RemoveAll(st.temp))
		case st.kind == Missing:
			errs = append(errs, os.RemoveAll(st.temp))
		case done:
			errs = append(errs, os.Rename(st.temp, st.target))
		}
	}
	return errors.Join(errs...)
}

// finish deletes the backups, the stale files and the folders that these leave empty.
func (s *staging) finish() error {
	root := filepath.Clean(s.tree.Root)
	for _, st := range s.steps {
		gone := st.temp
		switch st.kind {
		case Missing:
			continue
		case Changed:
			gone = st.backup()
		}
		if err := os.Remove(gone); err != nil {
			return fmt.Errorf("output: %w", err)
		}
		for dir := filepath.Dir(st.target); st.kind == Stale && dir != root; dir = filepath.Dir(dir) {
			if os.Remove(dir) != nil { // not empty
				break
			}
		}
	}
	return nil
}
