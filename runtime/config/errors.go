package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// environmentFile stands as the file of a finding in an environment variable.
const environmentFile = "environment"

// A Finding is one thing that is wrong with the configuration.
type Finding struct {
	// File is the path as it was opened, or "environment".
	File string
	// Line and Column count from 1, Column in bytes. Both are 0 for the
	// environment and for a file that can't be read at all.
	Line, Column int
	// Key is the dotted name, such as "amqp.heartbeat_s"; empty where the
	// finding is not about one key.
	Key string
	// Variable names the environment variable at fault, if it was one.
	Variable string
	// Message says what is wrong and what to do about it.
	Message string
}

// Error prints the finding as a compiler would:
// config/beds.toml:12:3: [amqp] heartbeat_s: 3 is less than 5; ...
func (f Finding) Error() string {
	var b strings.Builder
	b.WriteString(place{File: f.File, Line: f.Line, Column: f.Column, Variable: f.Variable}.String())
	b.WriteString(": ")
	if f.Key != "" {
		b.WriteString(inTable(f.Key))
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// inTable writes a dotted key the way it stands in the file: [amqp] heartbeat_s.
func inTable(key string) string {
	if i := strings.LastIndexByte(key, '.'); i > 0 && !strings.HasSuffix(key, `"`) {
		return "[" + key[:i] + "] " + key[i+1:]
	}
	return key
}

// Errors is every finding of one run, sorted by place.
type Errors []Finding

// Error prints one finding a line.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap lets errors.As reach a single Finding.
func (e Errors) Unwrap() []error {
	errs := make([]error, len(e))
	for i, f := range e {
		errs[i] = f
	}
	return errs
}

// A place is where a value or a mistake was found.
type place struct {
	File         string
	Line, Column int
	Variable     string
}

func (p place) String() string {
	switch {
	case p.Variable != "":
		return p.File + " " + p.Variable
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// findings gathers what one run has to say.
type findings struct{ list Errors }

func (l *findings) add(at place, key, format string, args ...any) {
	l.list = append(l.list, Finding{
		File: at.File, Line: at.Line, Column: at.Column, Variable: at.Variable,
		Key: key, Message: fmt.Sprintf(format, args...),
	})
}

// err returns nil or the sorted findings, each once.
func (l *findings) err() error {
	if len(l.list) == 0 {
		return nil
	}
	slices.SortStableFunc(l.list, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Variable, b.Variable),
			cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(l.list)
}
