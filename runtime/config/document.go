package config

import (
	"bytes"
	"errors"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// maxFileBytes bounds a configuration file; a real one has a few kilobytes.
const maxFileBytes = 1 << 20

// A leaf is one key with its value, or one table header without.
type leaf struct {
	path  []string
	value any
	table bool
	at    place
}

// A document is one TOML file, flattened, in the order it was written.
type document struct {
	file   string
	data   []byte
	values map[string]any
	leaves []leaf
	// lines holds the offset of each line's first byte.
	lines []int
	// tables says where each table begins, by rendered key.
	tables map[string]place
}

// parseDocument reads TOML twice: the decoder judges it and yields the values,
// the syntax tree yields the places that the decoder doesn't keep.
func parseDocument(file string, data []byte, found *findings) *document {
	d := &document{file: file, data: data, values: map[string]any{}, tables: map[string]place{}}
	d.lines = append(d.lines, 0)
	for i, c := range data {
		if c == '\n' {
			d.lines = append(d.lines, i+1)
		}
	}
	if err := toml.Unmarshal(data, &d.values); err != nil {
		found.add(d.syntaxPlace(err), "", "%s; correct the TOML", strings.TrimPrefix(err.Error(), "toml: "))
		return nil
	}
	d.walk(found)
	return d
}

// syntaxPlace is the decoder's position, or the beginning of the file for the
// few errors without one.
func (d *document) syntaxPlace(err error) place {
	at := place{File: d.file, Line: 1, Column: 1}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		at.Line, at.Column = de.Position()
	}
	return at
}

// walk visits the expressions: [table] headers and key = value lines.
func (d *document) walk(found *findings) {
	var p unstable.Parser
	p.Reset(d.data)
	var table []string
	inList := false
	for p.NextExpression() {
		node := p.Expression()
		switch node.Kind {
		case unstable.Table, unstable.ArrayTable:
			path, at := d.key(node, nil)
			table, inList = path, node.Kind == unstable.ArrayTable
			if inList {
				found.add(at, render(path), "[[%s]] begins a list of tables, which this configuration has nowhere; write [%s]", render(path), render(path))
				continue
			}
			d.addTable(path, at)
		case unstable.KeyValue:
			if !inList {
				d.keyValue(node, table)
			}
		}
	}
}

// keyValue adds a value, or each value of an inline table.
func (d *document) keyValue(node *unstable.Node, table []string) {
	path, at := d.key(node, table)
	value := node.Value()
	if value.Kind != unstable.InlineTable {
		v, _ := lookup(d.values, path)
		d.leaves = append(d.leaves, leaf{path: path, value: v, at: at})
		return
	}
	d.addTable(path, at)
	for it := value.Children(); it.Next(); {
		if it.Node().Kind == unstable.KeyValue {
			d.keyValue(it.Node(), path)
		}
	}
}

func (d *document) addTable(path []string, at place) {
	d.leaves = append(d.leaves, leaf{path: path, table: true, at: at})
	d.tables[render(path)] = at
}

// key returns the full path of a header or key, and the place of its last part.
func (d *document) key(node *unstable.Node, table []string) ([]string, place) {
	path := append([]string(nil), table...)
	var at place
	for it := node.Key(); it.Next(); {
		path = append(path, string(it.Node().Data))
		at = d.place(int(it.Node().Raw.Offset))
	}
	return path, at
}

func (d *document) place(offset int) place {
	line := len(d.lines)
	for line > 1 && d.lines[line-1] > offset {
		line--
	}
	return place{File: d.file, Line: line, Column: offset - d.lines[line-1] + 1}
}

// lookup follows a path through the decoded tables.
func lookup(values map[string]any, path []string) (any, bool) {
	var v any = values
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

// render writes a path as TOML does, so that two paths are the same text only
// if they are the same key.
func render(path []string) string {
	var b bytes.Buffer
	for i, name := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(renderName(name))
	}
	return b.String()
}

func renderName(name string) string {
	bare := name != ""
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-') {
			bare = false
		}
	}
	if bare {
		return name
	}
	return quote(name)
}
