package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/gen/rec"
)

func runNew(env *environment, args []string) error {
	var l layout
	var s start
	env.flags.StringVar(&l.root, "C", ".", "root `folder` of the run")
	env.flags.StringVar(&l.recs, "recs", "recs", "`folder` of the templates")
	env.flags.StringVar(&s.Schema, "schema", "rec", "home store: rec (documents) or rel (relations)")
	env.flags.StringVar(&s.WBID, "wbid", "ms", "two-letter id of the installation")
	env.flags.StringVar(&s.TLA, "tla", "", "three-letter tag of the fields; made from NAME by default")
	rest, err := env.parse(args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usageError{"bedsgen new needs the NAME of the template, such as order"}
	}
	if err := s.name(rest[0]); err != nil {
		return err
	}
	path := filepath.Join(l.root, l.recs, s.Name+"_rec.toml")
	text, err := s.fill(path, recText)
	if err != nil {
		return err
	}
	if err := l.accept(path, text); err != nil {
		return err
	}
	if err := create(path, text); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "wrote    %s\nDescribe your fields there, then run bedsgen generate.\n", path)
	return nil
}

var templateName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// name derives class and tag from a template's name.
func (s *start) name(name string) error {
	if !templateName.MatchString(name) {
		return usageError{fmt.Sprintf("NAME must be lower-case letters, digits and _, beginning with a letter, not %q", name)}
	}
	switch s.Schema {
	case "rec", "rel":
	default:
		return usageError{fmt.Sprintf("-schema is rec or rel, not %q", s.Schema)}
	}
	s.Name, s.Class = name, model.GoName(name)
	if s.TLA == "" {
		s.TLA = (strings.ReplaceAll(name, "_", "") + "xxx")[:3]
	}
	return nil
}

// accept checks a new template together with those that are there.
func (l *layout) accept(path string, text []byte) error {
	others, err := filepath.Glob(filepath.Join(l.root, l.recs, "*"+rec.Suffix))
	if err != nil {
		return err
	}
	sources := []load.Source{{Path: filepath.ToSlash(path), Data: text}}
	for _, other := range others {
		if other == path {
			continue // create will say that it exists
		}
		data, err := os.ReadFile(other)
		if err != nil {
			return err
		}
		sources = append(sources, load.Source{Path: filepath.ToSlash(other), Data: data})
	}
	for _, f := range load.Sources(sources...).Findings {
		if f.File == sources[0].Path || strings.Contains(f.Message, sources[0].Path) {
			return usageError{fmt.Sprintf("nothing was written, because of %s [%s]", f.Text(), f.Rule)}
		}
	}
	return nil
}
