package golang

import "bytes"

// A spacer writes the tokens of a line with the spaces between them that gofmt
// puts there. It knows the Go that this package emits and no more.
type spacer struct {
	dst  []byte
	open int // brackets that the line opens, less those that it closes

	last byte   // of the token before; 0 at the start of the line
	word []byte // the token before, if it is a word
	glue bool   // nothing comes between the last token and the next

	// Places in dst: behind a key's colon, before the first equals sign, before a tag.
	// They are 0 where there is none outside of brackets.
	colon, equals, tag int
}

// line writes a line. It reports false where it meets something unknown.
func (s *spacer) line(src []byte) bool {
	function := bytes.HasPrefix(src, []byte("func "))
	for i := 0; i < len(src); {
		n := 1
		switch c := src[i]; {
		case c == ' ':
		case isWord(c):
			for i+n < len(src) && isWord(src[i+n]) {
				n++
			}
			s.put(src[i:i+n], !opens(s.last))
			s.word = src[i : i+n]
		case c == '"' || c == '`':
			if n = literal(src[i:]); n == 0 {
				return false
			}
			if c == '`' && s.open == 0 {
				s.tag = len(s.dst)
			}
			s.put(src[i:i+n], !opens(s.last))
		case c == '{':
			body := i+1 == len(src) && (function || bytes.Equal(s.word, []byte("struct")))
			s.put(src[i:i+1], body || s.last == ',')
			s.open++
		default:
			if n = s.symbol(src[i:]); n == 0 {
				return false
			}
		}
		i += n
	}
	return true
}

// put appends a token, after a space where one is wanted.
func (s *spacer) put(token []byte, space bool) {
	if space && s.last != 0 && !s.glue {
		s.dst = append(s.dst, ' ')
	}
	s.dst = append(s.dst, token...)
	s.last, s.word, s.glue = token[len(token)-1], nil, false
}

// symbol writes what is neither a word nor a literal, and returns its length.
func (s *spacer) symbol(src []byte) int {
	afterWord := s.word != nil
	switch c := src[0]; c {
	case ',', '.', ')', ']', '}':
		if bytes.HasPrefix(src, []byte("...")) {
			return s.dots(src)
		}
		s.put(src[:1], false)
		if c != ',' && c != '.' {
			s.open--
		}
		s.glue = c == '.'
	case '(':
		s.put(src[:1], keyword(s.word) || s.last == ')')
		s.open++
	case '[':
		// []T is a type of its own, T[U] and v[0] are not.
		slice := len(src) > 1 && src[1] == ']'
		s.put(src[:1], !opens(s.last) && (slice || !afterWord))
		s.open++
		if slice {
			s.put(src[1:2], false)
			s.open--
			s.glue = true
			return 2
		}
	case '*', '&', '-', '+':
		number := (c == '-' || c == '+') && afterWord // the exponent of a float
		s.put(src[:1], !number && !opens(s.last))
		s.glue = true
	case '=', ':':
		return s.assign(src)
	default:
		return 0
	}
	return 1
}

// dots writes the three of a variadic parameter or argument.
func (s *spacer) dots(src []byte) int {
	rest := bytes.TrimLeft(src[3:], " ")
	parameter := len(rest) > 0 && isWord(rest[0])
	s.put(src[:3], parameter)
	s.glue = parameter
	return 3
}

// assign writes = and :=, and the colon behind a key.
func (s *spacer) assign(src []byte) int {
	if src[0] == ':' && (len(src) < 2 || src[1] != '=') {
		s.put(src[:1], false)
		if s.open == 0 && s.colon == 0 {
			s.colon = len(s.dst)
		}
		return 1
	}
	if s.open == 0 && s.equals == 0 {
		s.equals = len(s.dst)
	}
	n := 1
	if src[0] == ':' {
		n = 2
	}
	s.put(src[:n], true)
	return n
}

// columns notes where the columns of a row end that lies in a block.
func (s *spacer) columns(r *row, in block, from int) {
	if s.open != 0 {
		return // its value goes on in the next lines
	}
	switch in {
	case members:
		r.head = max(0, bytes.IndexByte(r.text, ' '))
		r.tail = max(0, s.tag-from)
	case constants:
		r.head = max(0, bytes.IndexByte(r.text, ' '))
		r.tail = max(0, s.equals-from)
	case elements:
		r.head = max(0, s.colon-from)
	}
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func opens(c byte) bool { return c == '(' || c == '[' || c == '{' }

// keyword reports whether a word stands apart from a parenthesis behind it.
func keyword(word []byte) bool {
	switch string(word) {
	case "func", "const", "import", "return":
		return true
	}
	return false
}

// literal returns the length of the string literal that begins here, or 0.
func literal(src []byte) int {
	for i := 1; i < len(src); i++ {
		switch {
		case src[i] == src[0]:
			return i + 1
		case src[i] == '\\' && src[0] == '"':
			i++
		}
	}
	return 0
}
