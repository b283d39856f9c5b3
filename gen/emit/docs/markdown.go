package docs

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape is the sanitiser of this target for prose: on one line, nothing that nobody
// can see, and no character that Markdown or HTML would act upon.
func escape(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 8)
	for _, word := range strings.Fields(s) {
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		for _, r := range word {
			switch {
			case r == utf8.RuneError || !unicode.IsPrint(r):
				b.WriteRune('\uFFFD')
			case strings.ContainsRune("\\`*_[]<>#|&~$", r):
				b.WriteByte('\\')
				b.WriteRune(r)
			default:
				b.WriteRune(r)
			}
		}
	}
	return guardStart(b.String())
}

// guardStart keeps a text from being a list, a rule or a heading by its beginning.
func guardStart(s string) string {
	if s == "" {
		return s
	}
	if strings.ContainsRune("-+=", rune(s[0])) {
		return "\\" + s
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && digits < len(s) && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + "\\" + s[digits:]
	}
	return s
}

// code is a code span that also stands in a cell of a table. Its text has no line
// breaks and nothing invisible: names, or JSON with everything of the kind escaped.
func code(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	s = strings.ReplaceAll(s, "|", `\|`)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// A page collects Markdown.
type page struct{ strings.Builder }

func (p *page) line(parts ...string) {
	for _, s := range parts {
		p.WriteString(s)
	}
	p.WriteByte('\n')
}

// paragraph ends with an empty line; an empty text is none.
func (p *page) paragraph(s string) {
	if s != "" {
		p.line(s, "\n")
	}
}

func (p *page) heading(level int, s string) { p.line(strings.Repeat("#", level), " ", s, "\n") }

// row is a row of a table; the cells are Markdown already.
func (p *page) row(cells ...string) { p.line("| ", strings.Join(cells, " | "), " |") }

func (p *page) head(cells ...string) {
	p.row(cells...)
	p.line("|", strings.Repeat("---|", len(cells)))
}
