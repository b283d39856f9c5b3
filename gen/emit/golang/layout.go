package golang

import (
	"bytes"
	"go/format"
)

// gofmt lays out the source that jennifer renders without formatting: every token
// and line break is there, but spaces are in odd places and nothing is indented or
// aligned. go/format would take two thirds of a run for it. What is not known here
// is left to go/format, and tests hold the results against each other.
func gofmt(src []byte) ([]byte, error) {
	rows, ok := readRows(src)
	if !ok {
		return format.Source(src)
	}
	align(rows)
	return writeRows(make([]byte, 0, 2*len(src)), rows), nil
}

// A row is a line on its way to its form.
type row struct {
	kind  rowKind
	depth int    // of indentation
	text  []byte // without it
	// The text up to head, and from there to tail, fills a column of its own. Each is
	// 0 where the row has no such column.
	head, tail int
	// pad is how many blanks follow head and tail.
	headPad, tailPad int
}

type rowKind byte

const (
	blankRow rowKind = iota
	commentRow
	codeRow
)

// A block is what the lines between two brackets are.
type block byte

const (
	statements block = iota
	members          // of a struct: name, type and tag
	specs            // of import ( … )
	constants        // of const ( … ): name, type and value
	elements         // of a composite literal or a call
)

// longKey is the length from which gofmt does not always align the keys of a
// composite literal.
const longKey = 40

// readRows respaces every line and notes its depth and columns.
func readRows(src []byte) ([]row, bool) {
	rows := make([]row, 0, bytes.Count(src, []byte{'\n'})+1)
	text := make([]byte, 0, len(src)+len(src)/8)
	var blocks []block
	for line := range bytes.Lines(src) {
		line = bytes.TrimSpace(line)
		r := row{kind: codeRow, depth: len(blocks)}
		switch {
		case len(line) == 0:
			r.kind = blankRow
		case bytes.HasPrefix(line, []byte("//")):
			r.kind, r.text = commentRow, line
		default:
			from := len(text)
			s := spacer{dst: text}
			if !s.line(line) {
				return nil, false
			}
			text = s.dst
			r.text = text[from:len(text):len(text)]
			switch {
			case s.open < 0 && len(blocks) == 0:
				return nil, false
			case s.open < 0:
				blocks = blocks[:len(blocks)-1]
				r.depth--
			case len(blocks) > 0:
				s.columns(&r, blocks[len(blocks)-1], from)
			}
			if s.open > 0 {
				blocks = append(blocks, opened(r.text))
			}
			if r.head > longKey+1 {
				return nil, false
			}
		}
		rows = append(rows, r)
	}
	return rows, len(blocks) == 0
}

// opened tells what the lines after one that ends in an open bracket are.
func opened(line []byte) block {
	switch {
	case bytes.HasSuffix(line, []byte(" struct {")):
		return members
	case bytes.Equal(line, []byte("import (")):
		return specs
	case bytes.Equal(line, []byte("const (")):
		return constants
	case bytes.HasPrefix(line, []byte("func ")):
		return statements
	}
	return elements
}

// align makes columns of the heads and tails of rows that follow one another.
func align(rows []row) {
	for i := 0; i < len(rows); {
		i = max(i+1, column(rows, i, func(r *row) (int, *int) { return r.head, &r.headPad }))
	}
	for i := 0; i < len(rows); {
		i = max(i+1, column(rows, i, func(r *row) (int, *int) {
			if r.tail == 0 {
				return 0, &r.tailPad
			}
			return r.tail - r.head, &r.tailPad
		}))
	}
}

// column pads the cells of the rows from i that have one, and returns the row
// behind them.
func column(rows []row, i int, cell func(*row) (width int, pad *int)) int {
	widest, end := 0, i
	for ; end < len(rows); end++ {
		width, _ := cell(&rows[end])
		if width == 0 || rows[end].depth != rows[i].depth {
			break
		}
		widest = max(widest, width)
	}
	for j := i; j < end; j++ {
		width, pad := cell(&rows[j])
		*pad = widest - width
	}
	return end
}

// writeRows writes the rows with their indentation, and with one blank line
// before each declaration and its comment.
func writeRows(dst []byte, rows []row) []byte {
	for i, r := range rows {
		if r.kind == blankRow {
			continue
		}
		if i > 0 && r.depth == 0 && (r.kind == commentRow || declares(r.text)) {
			if before := rows[i-1]; before.kind != commentRow {
				dst = append(dst, '\n')
			}
		}
		for range r.depth {
			dst = append(dst, '\t')
		}
		if r.head == 0 {
			dst = append(append(dst, r.text...), '\n')
			continue
		}
		dst = append(dst, r.text[:r.head]...)
		dst = spaces(dst, r.headPad)
		rest := r.text[r.head:]
		if r.tail > 0 {
			dst = append(dst, rest[:r.tail-r.head]...)
			dst = spaces(dst, r.tailPad)
			rest = r.text[r.tail:]
		}
		dst = append(append(dst, rest...), '\n')
	}
	return dst
}

func spaces(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, ' ')
	}
	return dst
}

// declares reports whether a line at the outermost level begins a declaration.
func declares(text []byte) bool {
	return text[0] != '}' && text[0] != ')'
}
