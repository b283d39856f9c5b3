package config

import (
	"path/filepath"
	"slices"
	"strings"
)

// apply takes over a document's values.
func (l *loader) apply(d *document, from layer) {
	if d == nil {
		return
	}
	for _, f := range d.leaves {
		switch {
		case f.table:
			l.declareTable(f)
		default:
			l.set(f, from)
		}
	}
}

// declareTable checks a header; [templates.NAME] alone makes an entry.
func (l *loader) declareTable(f leaf) {
	if !isTable(f.path) {
		if k, _ := matchKey(f.path); k != nil {
			l.complainAt(f.at, render(f.path), "this is a %s, not a table; write %s = ...", k.Kind, f.path[len(f.path)-1])
			return
		}
		l.complainAt(f.at, render(f.path), "%s", unknown(f.path, "table"))
		return
	}
	if f.path[0] == "templates" && len(f.path) > 1 {
		l.template(f.path[1], f.at)
	}
}

// set stores one value of one layer.
func (l *loader) set(f leaf, from layer) {
	key := render(f.path)
	k, names := matchKey(f.path)
	if k == nil {
		if isTable(f.path) {
			l.complainAt(f.at, key, "this is a table; write [%s] and its keys below it", key)
			return
		}
		l.complainAt(f.at, key, "%s", unknown(f.path, "key"))
		return
	}
	var t *Template
	if k.of != nil {
		if t = l.template(names[0], f.at); t == nil || !l.operation(names, f.at, key) {
			return
		}
	}
	if why := k.assign(k.target(l.cfg, t), names, f.value); why != "" {
		l.complainAt(f.at, key, "%s", why)
		return
	}
	l.cfg.origins[key], l.layerOf[key] = f.at, from
	l.settleFile(k, from)
	l.settlePassword(k.Name, f, from)
}

// settleFile makes a relative path start at the file that names it; in a
// variable it starts where the process does.
func (l *loader) settleFile(k *Key, from layer) {
	if !strings.HasSuffix(k.Name, "_file") || from >= layerVariables {
		return
	}
	if path := k.at(l.cfg).(*string); *path != "" && !filepath.IsAbs(*path) {
		*path = filepath.Join(l.opts.Dir, *path)
	}
}

// template returns the entry of a template, made on first sight.
func (l *loader) template(name string, at place) *Template {
	if !templatePattern.MatchString(name) {
		l.complainAt(at, render([]string{"templates", name}), "%s is not a template's name; give the name of the REC file without _rec.toml", quote(name))
		return nil
	}
	if l.cfg.Templates[name] == nil {
		l.cfg.Templates[name] = &Template{}
	}
	return l.cfg.Templates[name]
}

// operation checks the name of an operation in an access table.
func (l *loader) operation(names []string, at place, key string) bool {
	if len(names) < 2 || slices.Contains(operations, names[1]) {
		return true
	}
	hint := "use one of " + strings.Join(operations, ", ")
	if near := nearest(names[1], operations); near != "" {
		hint = "did you mean " + quote(near) + "?"
	}
	l.complainAt(at, key, "unknown operation %s; %s", quote(names[1]), hint)
	return false
}

// complainAt records a finding about one key.
func (l *loader) complainAt(at place, key, format string, args ...any) {
	l.bad[key] = true
	l.found.add(at, key, format, args...)
}
