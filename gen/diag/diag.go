// Package diag holds what bedsgen has to say about a template: findings as
// values, sorted and free of duplicates, apart from how they are printed.
package diag

import (
	"cmp"
	"fmt"
	"slices"
)

// A Pos is a place in a template. Line and Column count from 1, Column in
// bytes; a zero Line means the file as a whole.
type Pos struct {
	File   string
	Line   int
	Column int
	// Length is the number of bytes the caret underlines; 0 is one caret.
	Length int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Finding is one thing that is wrong with a template.
type Finding struct {
	Pos
	// Rule is the stable id, such as "unknown-field"; `bedsgen rules` lists them.
	Rule string
	// Message says what is wrong and what to do, in one sentence without a final stop.
	Message string
	// Suggestion is the name that was probably meant, or empty.
	Suggestion string
}

// Text is the message with its suggestion.
func (f Finding) Text() string {
	if f.Suggestion == "" {
		return f.Message
	}
	return fmt.Sprintf("%s; did you mean %q?", f.Message, f.Suggestion)
}

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s [%s]", f.Pos, f.Text(), f.Rule)
}

// A List gathers the findings of a run. The zero value is ready to use; it is
// not safe for concurrent use.
type List struct {
	findings []Finding
}

// Add records a finding.
func (l *List) Add(f Finding) { l.findings = append(l.findings, f) }

// Addf records a finding without a suggestion.
func (l *List) Addf(pos Pos, rule, format string, args ...any) {
	l.Add(Finding{Pos: pos, Rule: rule, Message: fmt.Sprintf(format, args...)})
}

// Empty reports whether nothing was found.
func (l *List) Empty() bool { return len(l.findings) == 0 }

// Sorted returns the findings by place, each once.
func (l *List) Sorted() []Finding {
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Message, b.Message),
		)
	})
	l.findings = slices.Compact(l.findings)
	return l.findings
}
