package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tempPrefix begins the names of files and folders that are being written.
const tempPrefix = ".bedsgen-tmp-"

// A staging holds what one run has prepared, and how far it has come.
type staging struct {
	tree Tree
	// folders that do not exist yet, and where they are prepared. A new folder is
	// renamed as a whole: one step for the fifteen files of a new template.
	folders map[string]string
	steps   []step
	done    int // steps that are committed
}

func (t Tree) staging() *staging { return &staging{tree: t, folders: map[string]string{}} }

// A step moves a new file or folder to its target, or a stale file out of the way.
type step struct {
	kind         Kind
	temp, target string
}

// backup is where a changed file stays until all steps are done.
func (st *step) backup() string { return st.temp + "-old" }

// stage writes the new contents.
func (s *staging) stage(diffs []Difference) error {
	for _, d := range diffs {
		temp, err := s.place(d)
		if err != nil {
			return err
		}
		if d.Kind != Stale {
			if err := writeFile(temp, d.Want); err != nil {
				return err
			}
		}
	}
	return nil
}

// place says where the new content of a file is to be written, and plans the step
// that brings it to its target.
func (s *staging) place(d Difference) (string, error) {
	target := s.tree.path(d.Path)
	if d.Kind == Missing {
		dir, err := s.folder(filepath.Dir(target))
		if err != nil || dir != filepath.Dir(target) {
			return filepath.Join(dir, filepath.Base(target)), err
		}
	}
	temp := s.temp(target)
	s.steps = append(s.steps, step{d.Kind, temp, target})
	return temp, nil
}

// temp is a name beside a target that no other step or process uses.
func (s *staging) temp(target string) string {
	return filepath.Join(filepath.Dir(target), fmt.Sprintf("%s%d-%d", tempPrefix, os.Getpid(), len(s.steps)))
}

// folder returns where the files of a folder are written: the folder itself or,
// where it is missing, its temporary place.
func (s *staging) folder(dir string) (string, error) {
	if at, ok := s.folders[dir]; ok {
		return at, nil
	}
	_, err := os.Lstat(dir)
	if err == nil {
		s.folders[dir] = dir
		return dir, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	parent, err := s.folder(filepath.Dir(dir))
	if err != nil {
		return "", err
	}
	at := filepath.Join(parent, filepath.Base(dir))
	if parent == filepath.Dir(dir) {
		at = s.temp(dir)
		s.steps = append(s.steps, step{Missing, at, dir})
	}
	s.folders[dir] = at
	return at, os.Mkdir(at, 0o755)
}
