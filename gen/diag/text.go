package diag

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Colours of a terminal.
const (
	bold  = "\x1b[1m"
	red   = "\x1b[31m"
	faint = "\x1b[2m"
	plain = "\x1b[0m"
)

// Text prints findings as compilers do, one a line: file:line:col: message [rule].
// Where sources has the file, an excerpt with a caret follows; color adds the
// escapes of a terminal, the only ones that are ever printed.
func Text(w io.Writer, findings []Finding, sources Sources, color bool) error {
	b := bufio.NewWriter(w)
	paint := func(style, s string) string {
		if !color {
			return s
		}
		return style + s + plain
	}
	for _, f := range findings {
		fmt.Fprintf(b, "%s %s %s\n",
			paint(bold, visible(f.Pos.String())+":"), visible(f.Text()), paint(faint, "["+f.Rule+"]"))
		line, caret, ok := excerpt(sources[f.File], f.Pos)
		if !ok {
			continue
		}
		number := fmt.Sprintf("%5d", f.Line)
		fmt.Fprintf(b, "%s %s\n", paint(faint, number+" |"), line)
		fmt.Fprintf(b, "%s %s\n", paint(faint, strings.Repeat(" ", len(number))+" |"), paint(red, caret))
	}
	return b.Flush()
}

// The part of a long line that an excerpt shows around the caret, in bytes.
const (
	before = 60
	after  = 60
)

// excerpt returns the line of a position and carets under what is meant there.
func excerpt(src []byte, p Pos) (line, caret string, ok bool) {
	text, ok := lineOf(src, p.Line)
	col := p.Column - 1
	if !ok || col < 0 || col > len(text) {
		return "", "", false
	}
	end := min(col+max(p.Length, 1), len(text))
	left, right := "", ""
	from, to := 0, len(text)
	if col > before {
		from, left = runeStart(text, col-before), "…"
	}
	if to > col+after {
		to, right = runeStart(text, col+after), "…"
		end = min(end, to)
	}
	lead := left + visible(untab(text[from:col]))
	marked := visible(untab(text[col:max(end, col)]))
	line = lead + marked + visible(untab(text[max(end, col):to])) + right
	return line, strings.Repeat(" ", width(lead)) + strings.Repeat("^", max(width(marked), 1)), true
}

// lineOf returns a line of a file, counted from 1, without its end.
func lineOf(src []byte, n int) (string, bool) {
	if src == nil || n < 1 {
		return "", false
	}
	for ; n > 1; n-- {
		nl := bytes.IndexByte(src, '\n')
		if nl < 0 {
			return "", false
		}
		src = src[nl+1:]
	}
	if nl := bytes.IndexByte(src, '\n'); nl >= 0 {
		src = src[:nl]
	}
	return string(bytes.TrimSuffix(src, []byte{'\r'})), true
}

// runeStart moves an index back to the start of a character.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// untab replaces tabs, whose width nobody knows, by one space each.
func untab(s string) string { return strings.ReplaceAll(s, "\t", " ") }
