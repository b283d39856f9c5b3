package output

import (
	"bytes"
	"fmt"
	"io"
)

// diffLines is how many lines of a difference are shown.
const diffLines = 12

// Print writes the differences, one line each, with a short diff of changed files.
func Print(w io.Writer, diffs []Difference) {
	for _, d := range diffs {
		switch d.Kind {
		case Missing:
			fmt.Fprintf(w, "missing  %s\n", d.Path)
		case Stale:
			fmt.Fprintf(w, "stale    %s (no template emits it any more)\n", d.Path)
		case Changed:
			fmt.Fprintf(w, "changed  %s\n", d.Path)
			printDiff(w, d.Have, d.Want)
		}
	}
}

// printDiff shows the first differing region, between the common head and tail.
func printDiff(w io.Writer, have, want []byte) {
	a, b := bytes.Split(have, []byte("\n")), bytes.Split(want, []byte("\n"))
	head := 0
	for head < len(a) && head < len(b) && bytes.Equal(a[head], b[head]) {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && bytes.Equal(a[len(a)-1-tail], b[len(b)-1-tail]) {
		tail++
	}
	fmt.Fprintf(w, "  @@ line %d @@\n", head+1)
	printSide(w, '-', a[head:len(a)-tail])
	printSide(w, '+', b[head:len(b)-tail])
}

func printSide(w io.Writer, sign byte, lines [][]byte) {
	for i, line := range lines {
		if i == diffLines {
			fmt.Fprintf(w, "  %c … %d more lines\n", sign, len(lines)-i)
			return
		}
		fmt.Fprintf(w, "  %c%s\n", sign, line)
	}
}
