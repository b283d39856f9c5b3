// Package recfmt lays out REC templates the way gofmt does Go: one form, no
// options. It changes white space only, and less of it than it could: comments,
// the order of keys and the inside of values that span lines stay as they are.
package recfmt

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/beds-project/beds/gen/rec"
)

// Source returns the template in its standard form: line feeds, no blanks at the
// ends of lines, keys that follow one another with their equals signs in a column,
// single blank lines, one before each table. A text that is not TOML is an error.
func Source(name string, src []byte) ([]byte, error) {
	before := rec.Parse(name, src)
	for _, p := range before.Problems {
		switch p.Kind {
		case rec.ProblemSyntax, rec.ProblemEncoding, rec.ProblemDepth, rec.ProblemDuplicate, rec.ProblemSize:
			return nil, fmt.Errorf("%s: %s", before.At(p.Span), p.Message)
		}
	}
	lines := split(strings.ReplaceAll(string(src), "\r\n", "\n"))
	var b bytes.Buffer
	for _, l := range align(space(lines)) {
		b.WriteString(l.text)
		b.WriteByte('\n')
	}
	after := rec.Parse(name, b.Bytes())
	if !same(before.Root, after.Root) {
		return nil, errors.New(name + ": formatting would change the meaning; please report this file")
	}
	return b.Bytes(), nil
}

// space brings blank lines to where they belong: none at the ends of the file,
// never two, and one before a table and the comment that belongs to it.
func space(lines []line) []line {
	var out []line
	for i, l := range lines {
		if l.kind == blank {
			if len(out) > 0 && out[len(out)-1].kind != blank {
				out = append(out, l)
			}
			continue
		}
		if opensTable(lines[i:]) && len(out) > 0 && out[len(out)-1].kind != blank && out[len(out)-1].kind != comment {
			out = append(out, line{kind: blank})
		}
		out = append(out, l)
	}
	for len(out) > 0 && out[len(out)-1].kind == blank {
		out = out[:len(out)-1]
	}
	return out
}

// opensTable reports whether the first line is a table's header or the first line
// of the comment above one.
func opensTable(lines []line) bool {
	for _, l := range lines {
		if l.kind != comment {
			return l.kind == header
		}
	}
	return false
}

// align puts the equals signs of keys that follow one another in a column, and
// the comments behind their values in another.
func align(lines []line) []line {
	for i := 0; i < len(lines); {
		n := i
		for n < len(lines) && lines[n].kind == entry {
			n++
		}
		group := lines[i:n]
		pad(group, func(l *line) *string { return &l.key })
		for j := range group {
			group[j].text = group[j].key + " = " + group[j].value
		}
		for from := 0; from < len(group); from++ {
			to := from
			for to < len(group) && group[to].remark != "" {
				to++
			}
			pad(group[from:to], func(l *line) *string { return &l.text })
			for j := from; j < to; j++ {
				group[j].text += " " + group[j].remark
			}
			from = to
		}
		i = max(n, i+1)
	}
	return lines
}

// pad widens a part of each line to the widest.
func pad(group []line, part func(*line) *string) {
	width := 0
	for i := range group {
		width = max(width, len([]rune(*part(&group[i]))))
	}
	for i := range group {
		p := part(&group[i])
		*p += strings.Repeat(" ", width-len([]rune(*p)))
	}
}

// same reports whether two tables hold the same entries in the same order.
func same(a, b *rec.Table) bool {
	if a == nil || b == nil || len(a.Entries) != len(b.Entries) {
		return a == b
	}
	for i, e := range a.Entries {
		if f := b.Entries[i]; e.Key != f.Key || !sameValue(e.Value, f.Value) {
			return false
		}
	}
	return true
}

func sameValue(a, b *rec.Value) bool {
	if a.Kind != b.Kind || strings.ReplaceAll(a.Text, "\r\n", "\n") != b.Text || len(a.List) != len(b.List) {
		return false
	}
	for i := range a.List {
		if !sameValue(a.List[i], b.List[i]) {
			return false
		}
	}
	return a.Kind != rec.KindTable || same(a.Table, b.Table)
}
