package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// GitHub prints findings as workflow commands, which GitHub shows beside the
// lines of a pull request.
func GitHub(w io.Writer, findings []Finding) error {
	b := bufio.NewWriter(w)
	for _, f := range findings {
		fmt.Fprintf(b, "::error file=%s", property(f.File))
		if f.Line > 0 {
			fmt.Fprintf(b, ",line=%d,col=%d", f.Line, f.Column)
		}
		fmt.Fprintf(b, ",title=%s::%s\n", property(f.Rule), command(f.Text()))
	}
	return b.Flush()
}

// Line ends never get this far: visible has shown them as \x0a and \x0d, so that
// no text of a template can begin a command of its own.
var (
	commandEscapes  = strings.NewReplacer("%", "%25")
	propertyEscapes = strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C")
)

// command escapes a message.
func command(s string) string { return commandEscapes.Replace(visible(s)) }

// property escapes the value of a property, which ends at a colon or a comma.
func property(s string) string { return propertyEscapes.Replace(visible(s)) }
