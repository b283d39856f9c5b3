package install

import (
	"strings"
)

// A statement is what one round trip sends, with the line where it begins.
type statement struct {
	text string
	line int
}

// split cuts a file into statements as the mariadb client does: at the delimiter,
// which the client's own command DELIMITER changes, outside of quotes and comments.
func split(text string) []statement {
	s := splitter{text: text, delimiter: ";", line: 1}
	for s.at < len(s.text) {
		s.step()
	}
	s.end()
	return s.out
}

type splitter struct {
	text      string
	delimiter string
	at, line  int
	// start is where the statement begins, without leading space and comments;
	// -1 between statements.
	start, startLine int
	begun            bool
	out              []statement
}

// step consumes one token.
func (s *splitter) step() {
	rest := s.text[s.at:]
	switch {
	case !s.begun && hasCommand(rest, "DELIMITER"):
		line, _, _ := strings.Cut(rest, "\n")
		s.delimiter = strings.TrimSpace(line[len("DELIMITER"):])
		s.skip(len(line))
	case strings.HasPrefix(rest, s.delimiter):
		s.end()
		s.skip(len(s.delimiter))
	case strings.HasPrefix(rest, "-- "), strings.HasPrefix(rest, "--\n"), strings.HasPrefix(rest, "#"):
		line, _, _ := strings.Cut(rest, "\n")
		s.skip(len(line))
	case strings.HasPrefix(rest, "/*"):
		s.skip(2 + closing(rest[2:], "*/"))
	case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
		s.begin()
		s.skip(quoted(rest))
	case rest[0] == ' ' || rest[0] == '\n' || rest[0] == '\t' || rest[0] == '\r':
		s.skip(1)
	default:
		s.begin()
		s.skip(1)
	}
}

// hasCommand reports a command of the client at the beginning of a statement.
func hasCommand(rest, name string) bool {
	return len(rest) > len(name) && strings.EqualFold(rest[:len(name)], name) && (rest[len(name)] == ' ' || rest[len(name)] == '\t')
}

func (s *splitter) begin() {
	if !s.begun {
		s.begun, s.start, s.startLine = true, s.at, s.line
	}
}

func (s *splitter) end() {
	if s.begun {
		s.out = append(s.out, statement{strings.TrimSpace(s.text[s.start:s.at]), s.startLine})
	}
	s.begun = false
}

func (s *splitter) skip(n int) {
	s.line += strings.Count(s.text[s.at:s.at+n], "\n")
	s.at += n
}

// closing returns the offset behind a mark, or the end.
func closing(s, mark string) int {
	if i := strings.Index(s, mark); i >= 0 {
		return i + len(mark)
	}
	return len(s)
}

// quoted returns the length of the quoted text at the beginning of s. A doubled
// quote reads as two quoted texts, which comes to the same.
func quoted(s string) int {
	q := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q != '`':
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return len(s)
}
