// Package rec reads one REC template into a form in which every key and every
// value knows where it stands. It judges nothing: what it cannot read it records
// as a [Problem], and the rules of package rule decide what to say about it.
//
// The TOML parser is wrapped here and seen nowhere else.
package rec

import (
	"bytes"
	"sort"

	"github.com/beds-project/beds/gen/diag"
)

// MaxFileSize is the largest template that is read. The longest sensible one, of
// a thousand documented fields, has about a tenth of it.
const MaxFileSize = 1 << 20

// MaxFields is the largest number of fields and sub-fields of a template: with
// the system fields it stays below InnoDB's 1,017 columns.
const MaxFields = 1000

// A Span is a range of bytes in a file.
type Span struct {
	Off, Len int
}

// ProblemKind says which rule a problem belongs to.
type ProblemKind int

// The kinds of problems met while reading.
const (
	ProblemSyntax        ProblemKind = iota // not TOML
	ProblemEncoding                         // not UTF-8, or with a byte order mark
	ProblemEmpty                            // nothing in the file
	ProblemSize                             // more than MaxFileSize
	ProblemDepth                            // nested too deeply
	ProblemDuplicate                        // a key or a table twice
	ProblemFileName                         // not {name}_rec.toml
	ProblemTypeName                         // no such type
	ProblemTypeParams                       // a type's parameters make no sense
	ProblemDuration                         // not a duration
	ProblemIndexForm                        // an index declared in no known form
	ProblemConditionForm                    // a filter in no known form
	ProblemFieldCount                       // more than MaxFields
)

// A Problem is something that could not be read.
type Problem struct {
	Kind    ProblemKind
	Span    Span
	Message string
	// Got and Known allow a suggestion: a name and those that could have been meant.
	Got   string
	Known []string
}

// At turns a span of the template's file into a position.
func (t *Template) At(s Span) diag.Pos {
	line := t.lines.line(s.Off)
	return diag.Pos{File: t.File, Line: line, Column: s.Off - t.lines[line-1] + 1, Length: s.Len}
}

// Whole is the position of the file as a whole.
func (t *Template) Whole() diag.Pos { return diag.Pos{File: t.File} }

// lines holds the offset of the first byte of each line of a file.
type lines []int

func findLines(src []byte) lines {
	starts := make(lines, 1, bytes.Count(src, []byte{'\n'})+1)
	for off := 0; ; {
		nl := bytes.IndexByte(src[off:], '\n')
		if nl < 0 {
			return starts
		}
		off += nl + 1
		starts = append(starts, off)
	}
}

// line returns the number of the line, from 1, that holds an offset.
func (l lines) line(off int) int { return sort.SearchInts(l, off+1) }

// Source returns the text of the file.
func (t *Template) Source() []byte { return t.src }
