package logging

import (
	"io"
	"log/slog"
	"os"
	"sync"
)

// Color says whether the console's lines are coloured.
type Color int

// The choices. ColorAuto colours on a terminal, unless NO_COLOR is set.
const (
	ColorAuto Color = iota
	ColorNever
	ColorAlways
)

// messageWidth aligns the attributes of most lines.
const messageWidth = 36

// console writes one line for each event, with one Write for each line, so
// that several processes can share a terminal or a file.
type console struct {
	mu    sync.Mutex
	w     io.Writer
	color bool
	buf   []byte
}

func newConsole(w io.Writer, c Color) *console {
	return &console{w: w, color: c == ColorAlways || c == ColorAuto && isTerminal(w)}
}

// isTerminal reports whether a person is likely to be looking.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (c *console) write(e *entry) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buf = c.line(c.buf[:0], e)
	_, err := c.w.Write(c.buf)
	return err
}

// line is: time, level, message, attributes, lineage.
func (c *console) line(b []byte, e *entry) []byte {
	b = e.time.UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z")
	b = append(b, ' ')
	b = c.paint(b, levelColor(e.level), levelWord(e.level))
	b = append(b, ' ')
	start := len(b)
	b = appendMessage(b, e.message)
	fields := e.allFields()
	for len(fields) > 0 && len(b) < start+messageWidth {
		b = append(b, ' ')
	}
	for _, f := range fields {
		b = append(b, ' ')
		b = c.paint(b, dim, string(appendWord(nil, f.key))+"=")
		b = appendWord(b, f.value)
	}
	return append(b, '\n')
}

// allFields are the attributes and the lineage, without the parts of it that
// repeat others: a root is its own root and has no parent.
func (e *entry) allFields() []field {
	fields := append(make([]field, 0, len(e.fields)+6), e.fields...)
	if e.resource != "" {
		fields = append(fields, field{resourceKey, e.resource})
	}
	for _, f := range e.lineageFields() {
		if f.value == "" || f.key == "root_id" && f.value == e.lineage.EventID {
			continue
		}
		fields = append(fields, f)
	}
	if e.trace != "" {
		fields = append(fields, field{traceKey, e.trace})
	}
	return fields
}

const (
	dim    = "\x1b[2m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	green  = "\x1b[32m"
	reset  = "\x1b[0m"
)

func (c *console) paint(b []byte, color, s string) []byte {
	if !c.color {
		return append(b, s...)
	}
	b = append(b, color...)
	b = append(b, s...)
	return append(b, reset...)
}

// levelWord is five characters wide, so that messages begin in one column.
func levelWord(l slog.Level) string {
	return map[string]string{"debug": "DEBUG", "info": "INFO ", "warn": "WARN ", "error": "ERROR"}[levelName(l)]
}

func levelColor(l slog.Level) string {
	return map[string]string{"debug": dim, "info": green, "warn": yellow, "error": red}[levelName(l)]
}
