package rec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxDepth bounds the nesting of tables and lists; the format itself needs seven,
// an object of objects being the deepest.
const maxDepth = 16

// maxSyntax is the number of syntax errors after which a file is given up.
const maxSyntax = 20

// A builder turns the parser's expressions into a tree.
type builder struct {
	src      []byte
	lines    lines
	base     int // where the parser's data begins in src
	parser   *unstable.Parser
	root     *Table
	current  *Table // what the last header opened
	problems []Problem
}

// parsers keeps the parsers' memory between the files of a run.
var parsers = sync.Pool{New: func() any { return new(unstable.Parser) }}

// parseTOML reads a whole document. After a syntax error it goes on at the next
// line that can begin an expression, so that one slip does not hide the others.
func parseTOML(src []byte, lines lines, from int) (*Table, []Problem) {
	b := &builder{src: src, lines: lines, root: &Table{origin: originHeader}}
	b.parser = parsers.Get().(*unstable.Parser)
	defer func() {
		b.parser.Reset(nil)
		parsers.Put(b.parser)
	}()
	b.current = b.root
	for syntax := 0; from < len(src) && syntax < maxSyntax; syntax++ {
		b.base = from
		b.parser.Reset(src[from:])
		for b.parser.NextExpression() {
			b.expression(b.parser.Expression())
		}
		err := b.parser.Error()
		if err == nil {
			break
		}
		at := b.syntaxError(err)
		if lineOpensTable(src, at.Off) {
			b.current = &Table{} // keys of a header that could not be read belong nowhere
		}
		from = resume(src, at.Off)
	}
	return b.root, b.problems
}

func (b *builder) problem(kind ProblemKind, at Span, format string, args ...any) {
	b.problems = append(b.problems, Problem{Kind: kind, Span: at, Message: fmt.Sprintf(format, args...)})
}

// syntaxError records the parser's error and returns where it stands.
func (b *builder) syntaxError(err error) Span {
	at := Span{Off: len(b.src) - 1}
	message := err.Error()
	var perr *unstable.ParserError
	if errors.As(err, &perr) {
		// The highlight is a part of the parser's data, so the capacities tell its place.
		off := b.base + cap(b.parser.Data()) - cap(perr.Highlight)
		if off >= b.base && off < len(b.src) {
			at = Span{Off: off, Len: min(len(perr.Highlight), len(b.src)-off)}
		}
		message = perr.Message
	}
	if strings.HasSuffix(message, "at start of value") {
		message += "; a text needs quotes"
	}
	b.problem(ProblemSyntax, at, "%s", message)
	return at
}

func (b *builder) span(r unstable.Range) Span {
	return Span{Off: b.base + int(r.Offset), Len: int(r.Length)}
}

func (b *builder) expression(n *unstable.Node) {
	switch n.Kind {
	case unstable.Table:
		b.current = b.header(b.path(n), false)
	case unstable.ArrayTable:
		b.current = b.header(b.path(n), true)
	case unstable.KeyValue:
		b.keyValue(b.current, n, 1)
	}
}

// A part is one step of a dotted key.
type part struct {
	name string
	span Span
}

func (b *builder) path(n *unstable.Node) []part {
	var parts []part
	for it := n.Key(); it.Next(); {
		k := it.Node()
		parts = append(parts, part{string(k.Data), b.span(k.Raw)})
	}
	return parts
}

// header opens the table of [a.b] or [[a.b]] and returns it. After a problem it
// returns the table that is already there, or one that hangs nowhere.
func (b *builder) header(path []part, list bool) *Table {
	if len(path) > maxDepth {
		b.problem(ProblemDepth, path[maxDepth].span, "tables are nested more than %d levels deep", maxDepth)
		return &Table{}
	}
	last := path[len(path)-1]
	parent := b.root
	for _, p := range path[:len(path)-1] {
		if parent = b.descend(parent, p, originImplied); parent == nil {
			return &Table{}
		}
	}
	if list {
		return b.listElement(parent, last)
	}
	e := parent.Get(last.name)
	if e == nil {
		t := &Table{origin: originHeader}
		parent.add(&Entry{last.name, last.span, &Value{Kind: KindTable, Span: last.span, Table: t}})
		return t
	}
	if e.Value.Kind == KindTable && e.Value.Table.origin == originImplied {
		e.Value.Table.origin = originHeader
		e.KeySpan, e.Value.Span = last.span, last.span
		return e.Value.Table
	}
	line := b.lines.line(e.KeySpan.Off)
	if e.Value.Kind == KindTable {
		b.problem(ProblemDuplicate, last.span, "table %q is declared twice (first in line %d); join the two", joined(path), line)
		return e.Value.Table
	}
	b.problem(ProblemDuplicate, last.span, "%q already has a value (line %d) that cannot be added to here", joined(path), line)
	return &Table{}
}

// listElement appends an element to the list of [[name]].
func (b *builder) listElement(parent *Table, p part) *Table {
	t := &Table{origin: originList}
	element := &Value{Kind: KindTable, Span: p.span, Table: t}
	e := parent.Get(p.name)
	if e == nil {
		parent.add(&Entry{p.name, p.span, &Value{Kind: KindList, Span: p.span, List: []*Value{element}}})
		return t
	}
	if !openList(e.Value) {
		b.problem(ProblemDuplicate, p.span, "%q is declared twice (first in line %d)", p.name, b.lines.line(e.KeySpan.Off))
		return t
	}
	e.Value.List = append(e.Value.List, element)
	return t
}

// openList reports whether a value is a list made by [[headers]].
func openList(v *Value) bool {
	return v.Kind == KindList && len(v.List) > 0 && v.List[0].Kind == KindTable && v.List[0].Table.origin == originList
}

// descend steps into the table under a key and makes it where it is missing. It
// returns nil after a problem.
func (b *builder) descend(t *Table, p part, made origin) *Table {
	e := t.Get(p.name)
	if e == nil {
		child := &Table{origin: made}
		t.add(&Entry{p.name, p.span, &Value{Kind: KindTable, Span: p.span, Table: child}})
		return child
	}
	switch v := e.Value; {
	case v.Kind == KindTable && v.Table.origin != originInline && (made != originDotted || v.Table.origin == originDotted):
		return v.Table
	case made == originImplied && openList(v):
		return v.List[len(v.List)-1].Table
	}
	b.problem(ProblemDuplicate, p.span, "%q already has a value (line %d) that cannot be added to here", p.name, b.lines.line(e.KeySpan.Off))
	return nil
}

// keyValue adds key = value to a table.
func (b *builder) keyValue(t *Table, n *unstable.Node, depth int) {
	path := b.path(n)
	if depth+len(path) > maxDepth {
		b.problem(ProblemDepth, path[0].span, "tables are nested more than %d levels deep", maxDepth)
		return
	}
	for _, p := range path[:len(path)-1] {
		if t = b.descend(t, p, originDotted); t == nil {
			return
		}
	}
	last := path[len(path)-1]
	pair := new(struct {
		Entry
		value Value
	})
	pair.Entry = Entry{last.name, last.span, &pair.value}
	b.value(&pair.value, n.Value(), b.valueSpan(n, last), depth+len(path))
	if e := t.Get(last.name); e != nil {
		b.problem(ProblemDuplicate, last.span, "key %q is set twice (first in line %d); keep one", last.name, b.lines.line(e.KeySpan.Off))
		return
	}
	t.add(&pair.Entry)
}

// valueSpan finds the value of a key-value by its text, because the parser tells
// no place for lists and only the brace for tables.
func (b *builder) valueSpan(n *unstable.Node, key part) Span {
	whole := b.span(n.Raw)
	end := whole.Off + whole.Len
	off := key.span.Off + key.span.Len
	for off < end && (b.src[off] == ' ' || b.src[off] == '\t') {
		off++
	}
	off++ // the equals sign
	for off < end && (b.src[off] == ' ' || b.src[off] == '\t') {
		off++
	}
	return Span{Off: off, Len: end - off}
}

// value converts a value; at is where it stands if the node does not know it.
func (b *builder) value(v *Value, n *unstable.Node, at Span, depth int) {
	if n.Raw.Length > 0 && n.Kind != unstable.InlineTable {
		at = b.span(n.Raw)
	}
	v.Span, v.Text = at, string(n.Data)
	switch n.Kind {
	case unstable.String:
		v.Kind = KindString
	case unstable.Integer:
		v.Kind = KindInteger
		b.integer(v)
	case unstable.Float:
		v.Kind = KindFloat
	case unstable.Bool:
		v.Kind = KindBoolean
	case unstable.DateTime:
		v.Kind = KindDateTime
	case unstable.LocalDateTime:
		v.Kind = KindLocalDateTime
	case unstable.LocalDate:
		v.Kind = KindLocalDate
	case unstable.LocalTime:
		v.Kind = KindLocalTime
	case unstable.Array:
		v.Kind = KindList
		b.list(v, n, depth)
	case unstable.InlineTable:
		v.Kind, v.Table = KindTable, &Table{origin: originInline}
		for it := n.Children(); it.Next(); {
			b.keyValue(v.Table, it.Node(), depth)
		}
	}
}

func (b *builder) integer(v *Value) {
	n, err := strconv.ParseInt(strings.ReplaceAll(v.Text, "_", ""), 0, 64)
	if err != nil {
		b.problem(ProblemSyntax, v.Span, "integer %s does not fit into 64 bits", clip(v.Text))
	}
	v.Int = n
}

func (b *builder) list(v *Value, n *unstable.Node, depth int) {
	if depth >= maxDepth {
		b.problem(ProblemDepth, v.Span, "lists are nested more than %d levels deep", maxDepth)
		return
	}
	for it := n.Children(); it.Next(); {
		child := it.Node()
		at := v.Span
		if child.Raw.Length > 0 {
			at = b.span(child.Raw)
		}
		elem := new(Value)
		b.value(elem, child, at, depth+1)
		v.List = append(v.List, elem)
	}
}
