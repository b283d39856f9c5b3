package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
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
