package config

import (
	"fmt"
	"strings"
)

// matchKey finds the key that a path names and what its * stand for.
func matchKey(path []string) (*Key, []string) {
	for i := range table {
		if names, ok := matchSegments(table[i].segments(), path); ok {
			return &table[i], names
		}
	}
	return nil, nil
}

// matchSegments compares a pattern with a path of the same length.
func matchSegments(pattern, path []string) (names []string, ok bool) {
	if len(pattern) != len(path) {
		return nil, false
	}
	for i, segment := range pattern {
		switch {
		case segment == "*":
			names = append(names, path[i])
		case segment != path[i]:
			return nil, false
		}
	}
	return names, true
}

// isTable reports whether some key lies below the path.
func isTable(path []string) bool {
	for i := range table {
		segments := table[i].segments()
		if len(segments) > len(path) {
			if _, ok := matchSegments(segments[:len(path)], path); ok {
				return true
			}
		}
	}
	return false
}

// siblings lists what may stand in the table that the path is in, and whether
// that place takes names of the operator's choosing.
func siblings(path []string) []string {
	var names []string
	seen := map[string]bool{}
	parent := path[:len(path)-1]
	for i := range table {
		segments := table[i].segments()
		if len(segments) < len(path) {
			continue
		}
		name := segments[len(path)-1]
		if _, ok := matchSegments(segments[:len(parent)], parent); ok && name != "*" && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}

// unknown words the finding for a path that names nothing.
func unknown(path []string, noun string) string {
	for i := len(path) - 1; i > 0; i-- {
		if k, _ := matchKey(path[:i]); k != nil {
			return fmt.Sprintf("%s is a %s, not a table; nothing can stand below it", render(path[:i]), k.Kind)
		}
	}
	// The first part that names nothing is the mistake, not what follows it.
	n := 1
	for n < len(path) && isTable(path[:n]) {
		n++
	}
	name, known := path[n-1], siblings(path[:n])
	if near := nearest(name, known); near != "" {
		return fmt.Sprintf("unknown %s %s; did you mean %q?", noun, quote(name), near)
	}
	if elsewhere := keysNamed(name); elsewhere != "" {
		return fmt.Sprintf("unknown %s %s here; it belongs in %s", noun, quote(name), elsewhere)
	}
	if len(known) == 0 || len(known) > 24 {
		return fmt.Sprintf("unknown %s %s; remove it", noun, quote(name))
	}
	return fmt.Sprintf("unknown %s %s; remove it, or use one of %s", noun, quote(name), strings.Join(known, ", "))
}

// keysNamed says in which tables a key of that name exists: most misplaced
// keys stand below the wrong header.
func keysNamed(name string) string {
	var in []string
	for i := range table {
		segments := table[i].segments()
		if last := len(segments) - 1; last > 0 && segments[last] == name && name != "*" {
			in = append(in, "["+strings.Join(segments[:last], ".")+"]")
		}
	}
	if len(in) > 3 {
		return ""
	}
	return strings.Join(in, " or ")
}
