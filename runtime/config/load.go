package config

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// baseFile is the committed file; env_{dev,qa,prod}.toml lie beside it.
const baseFile = "beds.toml"

// DefaultDir is where [Load] looks if it isn't told.
const DefaultDir = "config"

// Options says what to load. The zero value is what a node uses.
type Options struct {
	// Dir holds the files; empty is [DefaultDir].
	Dir string
	// Env is dev, qa or prod; empty takes BEDS_ENV, and dev without it.
	Env string
	// Environ looks up one environment variable; nil is the process's own.
	Environ func(string) (string, bool)
	// Names lists the variables that are set, so that a misspelt BEDS__ one is
	// found. With nil, and an Environ of the caller's, only known names are
	// looked up.
	Names []string
}

// Load reads, merges and checks the configuration. The error is an [Errors]
// with everything that is wrong.
func Load(opts Options) (*Config, error) {
	if opts.Dir == "" {
		opts.Dir = DefaultDir
	}
	if opts.Environ == nil {
		opts.Environ = os.LookupEnv
		opts.Names = processNames()
	}
	l := &loader{opts: opts, bad: map[string]bool{}, layerOf: map[string]layer{}}
	if !l.chooseEnvironment() {
		return nil, l.found.err()
	}
	l.cfg = defaults(l.env, opts.Dir)
	l.base = l.open(baseFile, true)
	// Outside dev a missing file more likely means the wrong directory or
	// BEDS_ENV than that nothing differs, so it is never passed over.
	l.own = l.open(l.envFile(), l.env != Dev)
	l.apply(l.base, layerBase)
	l.apply(l.own, layerOwn)
	l.applyVariables()
	l.readPasswords()
	if !l.incomplete {
		l.verify()
	}
	if err := l.found.err(); err != nil {
		return nil, err
	}
	return l.cfg, nil
}

// A layer is one source of values; a later one overrides an earlier one.
type layer int

const (
	layerBase      layer = iota + 1 // beds.toml
	layerOwn                        // env_*.toml
	layerVariables                  // BEDS__SECTION__KEY
	layerSecrets                    // BEDS_AMQP_PASSWORD and its like
)

// A loader is one run of Load.
type loader struct {
	opts      Options
	env       Environment
	cfg       *Config
	base, own *document
	found     findings
	// bad holds the keys with findings, so that the checks across keys don't
	// complain about a default that the operator never chose.
	bad     map[string]bool
	layerOf map[string]layer
	// incomplete is set when a file couldn't be read as a whole; what seems
	// to be missing may then stand in it.
	incomplete bool
}

func (l *loader) chooseEnvironment() bool {
	name, at := l.opts.Env, place{File: environmentFile}
	if name == "" {
		at.Variable = "BEDS_ENV"
		name, _ = l.opts.Environ("BEDS_ENV")
	}
	if name == "" {
		name = string(Dev)
	}
	l.env = Environment(name)
	if l.env.Valid() {
		return true
	}
	l.found.add(at, "", "unknown environment %s; use dev, qa or prod", quote(name))
	return false
}

func (l *loader) envFile() string { return "env_" + string(l.env) + ".toml" }

func (l *loader) path(name string) string { return filepath.Join(l.opts.Dir, name) }

// open reads and parses one file; nil stands for none.
func (l *loader) open(name string, required bool) *document {
	path := l.path(name)
	data, err := readBounded(path, maxFileBytes)
	if errors.Is(err, fs.ErrNotExist) && !required {
		return nil
	}
	if err != nil {
		l.incomplete = true
		l.found.add(place{File: path}, "", "%s", l.cannotRead(name, err))
		return nil
	}
	d := parseDocument(path, data, &l.found)
	l.incomplete = l.incomplete || d == nil
	return d
}

func (l *loader) cannotRead(name string, err error) string {
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return "this file can't be read: " + cause(err)
	case name == baseFile:
		return "this file is missing; run from the directory above it, or name its directory"
	}
	return "this file is missing; create it, empty if nothing differs from " + baseFile + ", or correct BEDS_ENV"
}

// apply takes over a document's values.
func (l *loader) apply(d *document, from layer) {
	if d == nil {
		return
	}
	for _, f := range d.leaves {
		switch {
		case f.table:
			l.declareTable(f)
		default:
			l.set(f, from)
		}
	}
}

// declareTable checks a header; [templates.NAME] alone makes an entry.
func (l *loader) declareTable(f leaf) {
	if !isTable(f.path) {
		if k, _ := matchKey(f.path); k != nil {
			l.complainAt(f.at, render(f.path), "this is a %s, not a table; write %s = ...", k.Kind, f.path[len(f.path)-1])
			return
		}
		l.complainAt(f.at, render(f.path), "%s", unknown(f.path, "table"))
		return
	}
	if f.path[0] == "templates" && len(f.path) > 1 {
		l.template(f.path[1], f.at)
	}
}

// set stores one value of one layer.
func (l *loader) set(f leaf, from layer) {
	key := render(f.path)
	k, names := matchKey(f.path)
	if k == nil {
		if isTable(f.path) {
			l.complainAt(f.at, key, "this is a table; write [%s] and its keys below it", key)
			return
		}
		l.complainAt(f.at, key, "%s", unknown(f.path, "key"))
		return
	}
	var t *Template
	if k.of != nil {
		if t = l.template(names[0], f.at); t == nil || !l.operation(names, f.at, key) {
			return
		}
	}
	if why := k.assign(k.target(l.cfg, t), names, f.value); why != "" {
		l.complainAt(f.at, key, "%s", why)
		return
	}
	l.cfg.origins[key], l.layerOf[key] = f.at, from
	l.settleFile(k, from)
	l.settlePassword(k.Name, f, from)
}

// settleFile makes a relative path start at the file that names it; in a
// variable it starts where the process does.
func (l *loader) settleFile(k *Key, from layer) {
	if !strings.HasSuffix(k.Name, "_file") || from >= layerVariables {
		return
	}
	if path := k.at(l.cfg).(*string); *path != "" && !filepath.IsAbs(*path) {
		*path = filepath.Join(l.opts.Dir, *path)
	}
}

// template returns the entry of a template, made on first sight.
func (l *loader) template(name string, at place) *Template {
	if !templatePattern.MatchString(name) {
		l.complainAt(at, render([]string{"templates", name}), "%s is not a template's name; give the name of the REC file without _rec.toml", quote(name))
		return nil
	}
	if l.cfg.Templates[name] == nil {
		l.cfg.Templates[name] = &Template{}
	}
	return l.cfg.Templates[name]
}

// operation checks the name of an operation in an access table.
func (l *loader) operation(names []string, at place, key string) bool {
	if len(names) < 2 || slices.Contains(operations, names[1]) {
		return true
	}
	hint := "use one of " + strings.Join(operations, ", ")
	if near := nearest(names[1], operations); near != "" {
		hint = "did you mean " + quote(near) + "?"
	}
	l.complainAt(at, key, "unknown operation %s; %s", quote(names[1]), hint)
	return false
}

// complainAt records a finding about one key.
func (l *loader) complainAt(at place, key, format string, args ...any) {
	l.bad[key] = true
	l.found.add(at, key, format, args...)
}

// readBounded reads a regular file of at most limit bytes. Anything else is
// refused before it is opened: a named pipe would hold the start for ever.
func readBounded(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a directory")
	case !info.Mode().IsRegular():
		return nil, errors.New("it is no regular file")
	case info.Size() > limit:
		return nil, errors.New("it is larger than any file of its kind; is it the right one?")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}

// cause strips the path from a file error: the finding names it already.
func cause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
