package rec

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"unicode/utf8"
)

// Suffix ends the name of every template's file.
const Suffix = "_rec.toml"

// NamePattern is what the name of a template looks like.
var NamePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Parse reads a template. file is the path as it is to be shown, with slashes;
// its last element gives the template's name. Parse always returns a template,
// however little of it could be read.
func Parse(file string, src []byte) *Template {
	t := &Template{File: file, Root: &Table{}, src: src, lines: findLines(src)}
	t.readName()
	if from, ok := t.checkText(); ok {
		t.parse(from)
	}
	t.read()
	return t
}

// TooLarge returns the template for a file that is not read because of its size.
func TooLarge(file string, size int64) *Template {
	t := &Template{File: file, Root: &Table{}, lines: lines{0}, Broken: true}
	t.readName()
	t.problem(ProblemSize, Span{}, "the file has %d bytes; a template has at most %d", size, MaxFileSize)
	return t
}

func (t *Template) problem(kind ProblemKind, at Span, format string, args ...any) {
	t.Problems = append(t.Problems, Problem{Kind: kind, Span: at, Message: fmt.Sprintf(format, args...)})
}

func (t *Template) readName() {
	base := path.Base(t.File)
	name, found := cutSuffix(base)
	t.Name = name
	if !found || !NamePattern.MatchString(name) {
		t.problem(ProblemFileName, Span{}, "the file name %q is not of the form {name}%s with a name of 1 to 40 lower-case letters, digits and underscores that begins with a letter", base, Suffix)
	}
}

func cutSuffix(base string) (string, bool) {
	if n := len(base) - len(Suffix); n >= 0 && base[n:] == Suffix {
		return base[:n], true
	}
	return base, false
}

// checkText looks at the file before TOML does. It returns where the document
// begins and whether it can be parsed.
func (t *Template) checkText() (from int, ok bool) {
	if len(t.src) > MaxFileSize {
		t.Broken = true
		t.problem(ProblemSize, Span{}, "the file has %d bytes; a template has at most %d", len(t.src), MaxFileSize)
		return 0, false
	}
	if bytes.HasPrefix(t.src, byteOrderMark) {
		from = len(byteOrderMark)
		t.problem(ProblemEncoding, Span{Len: from}, "the file begins with a byte order mark; save it as UTF-8 without one")
	}
	if !utf8.Valid(t.src) {
		t.Broken = true
		off := firstInvalid(t.src)
		t.problem(ProblemEncoding, Span{Off: off, Len: 1}, "byte 0x%02x is not UTF-8; save the file as UTF-8", t.src[off])
		return 0, false
	}
	if len(bytes.TrimSpace(t.src[from:])) == 0 {
		t.Broken = true
		t.problem(ProblemEmpty, Span{}, "the file is empty; `bedsgen new NAME` writes a template to start from")
		return 0, false
	}
	return from, true
}

func firstInvalid(src []byte) int {
	for off := 0; off < len(src); {
		r, size := utf8.DecodeRune(src[off:])
		if r == utf8.RuneError && size == 1 {
			return off
		}
		off += size
	}
	return 0
}

func (t *Template) parse(from int) {
	root, problems := parseTOML(t.src, t.lines, from)
	t.Root = root
	for _, p := range problems {
		if p.Kind == ProblemSyntax || p.Kind == ProblemDepth {
			t.Broken = true
		}
	}
	t.Problems = append(t.Problems, problems...)
}
