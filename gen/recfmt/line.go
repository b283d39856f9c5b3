package recfmt

import "strings"

type kind int

const (
	blank   kind = iota
	comment      // on a line of its own
	header       // [table] or [[list]]
	entry        // key = value on one line
	other        // a part of a value that spans lines
)

// A line is a line of the file, taken apart where it is an entry.
type line struct {
	kind               kind
	text               string
	key, value, remark string
}

// split takes a file apart.
func split(src string) []line {
	var lines []line
	var s scanner
	for text := range strings.SplitSeq(src, "\n") {
		lines = append(lines, s.line(text))
	}
	return lines
}

// A scanner knows whether a line begins within a value.
type scanner struct {
	quote string // of the string of many lines that is open
	depth int    // of the brackets and braces that are open
}

func (s *scanner) line(text string) line {
	if s.quote != "" || s.depth > 0 {
		inString := s.quote != ""
		s.scan(text, 0)
		if inString && s.quote != "" {
			return line{kind: other, text: text} // blanks at its end are part of the string
		}
		return line{kind: other, text: s.trimRight(text)}
	}
	text = strings.TrimLeft(text, " \t\r")
	switch {
	case text == "":
		return line{kind: blank}
	case text[0] == '#':
		return line{kind: comment, text: strings.TrimRight(text, " \t\r")}
	case text[0] == '[':
		return line{kind: header, text: strings.TrimRight(text, " \t\r")}
	}
	equals, remark := s.scan(text, 0)
	if s.quote != "" || s.depth > 0 || equals < 0 {
		return line{kind: other, text: s.trimRight(text)}
	}
	l := line{kind: entry, key: strings.TrimRight(text[:equals], " \t\r")}
	if remark >= 0 {
		l.remark, text = text[remark:], text[:remark]
	}
	l.value = strings.Trim(text[equals+1:], " \t\r")
	return l
}

// trimRight removes blanks at the end of a line that does not end in a string.
func (s *scanner) trimRight(text string) string {
	if s.quote != "" {
		return text
	}
	return strings.TrimRight(text, " \t\r")
}

// scan follows strings and brackets through a line. It returns where the first
// equals sign outside of them and the comment stand, or -1.
func (s *scanner) scan(text string, i int) (equals, remark int) {
	equals, remark = -1, -1
	if s.quote != "" {
		if i = s.closing(text, 0); i < 0 {
			return
		}
	}
	for i < len(text) {
		switch c := text[i]; c {
		case '#':
			return equals, i
		case '=':
			if equals < 0 && s.depth == 0 {
				equals = i
			}
		case '[', '{':
			s.depth++
		case ']', '}':
			s.depth--
		case '"', '\'':
			s.quote = string(c)
			if strings.HasPrefix(text[i:], strings.Repeat(s.quote, 3)) {
				s.quote = strings.Repeat(s.quote, 3)
			}
			if i = s.closing(text, i+len(s.quote)); i < 0 {
				return
			}
			continue
		}
		i++
	}
	return
}

// closing returns the place behind the quote that ends the open string, or -1
// where the string goes on in the next line.
func (s *scanner) closing(text string, i int) int {
	for ; i < len(text); i++ {
		switch {
		case text[i] == '\\' && s.quote[0] == '"':
			i++
		case strings.HasPrefix(text[i:], s.quote):
			end := i + len(s.quote)
			// Up to two more quotes belong to a string of many lines.
			for n := 0; len(s.quote) == 3 && n < 2 && end < len(text) && text[end] == s.quote[0]; n++ {
				end++
			}
			s.quote = ""
			return end
		}
	}
	return -1
}
