package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/beds-project/beds/gen/rec"
	"github.com/beds-project/beds/gen/recfmt"
)

func runFmt(env *environment, args []string) error {
	var l layout
	var only bool
	env.flags.StringVar(&l.root, "C", ".", "root `folder` of the run")
	env.flags.StringVar(&l.recs, "recs", "recs", "`folder` of the templates, where no FILE is named")
	env.flags.BoolVar(&only, "l", false, "list the files that would change, change none, and exit with 1 if there are any")
	files, err := env.parse(args, math.MaxInt)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		if files, err = filepath.Glob(filepath.Join(l.root, l.recs, "*"+rec.Suffix)); err != nil {
			return err
		}
	}
	changed, broken := 0, false
	for _, file := range files {
		text, err := formatted(file)
		switch {
		case errors.As(err, new(*os.PathError)):
			return err
		case err != nil:
			fmt.Fprintln(env.stderr, err)
			broken = true
			continue
		case text == nil:
			continue
		}
		changed++
		fmt.Fprintln(env.stdout, file)
		if !only {
			if err := replace(file, text); err != nil {
				return err
			}
		}
	}
	if broken || only && changed > 0 {
		return errFindings
	}
	return nil
}

// formatted returns the standard form of a file, or nil if it has it.
func formatted(file string) ([]byte, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text, err := recfmt.Source(filepath.ToSlash(file), src)
	if err != nil || bytes.Equal(src, text) {
		return nil, err
	}
	return text, nil
}

// replace gives a file a new content in one step; its mode stays.
func replace(file string, content []byte) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".bedsgen-fmt-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(info.Mode().Perm()), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one to tell
	}
	return err
}
