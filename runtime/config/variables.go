package config

import (
	"os"
	"slices"
	"strconv"
	"strings"
)

// variablePrefix begins the variables that override keys. Two underscores keep
// them apart from BEDS_ENV, the secrets and BEDS_TEST_*.
const variablePrefix = "BEDS__"

func variableFor(segments []string) string {
	return variablePrefix + strings.ToUpper(strings.Join(segments, "__"))
}

func processNames() []string {
	var names []string
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		names = append(names, name)
	}
	return names
}

// applyVariables takes over BEDS__SECTION__KEY, then the short names of the
// three secrets, which win.
func (l *loader) applyVariables() {
	names := l.opts.Names
	if names == nil {
		names = l.knownVariables()
	}
	names = slices.Clone(names)
	slices.Sort(names)
	for _, name := range names {
		if text, ok := l.opts.Environ(name); ok && strings.HasPrefix(name, variablePrefix) {
			l.applyVariable(name, text)
		}
	}
	for _, s := range services {
		// An empty secret is how a container passes a variable that nobody
		// set; it must not wipe out the one in the file.
		if text, ok := l.opts.Environ(s.variable()); ok && text != "" {
			l.set(leaf{path: []string{s.name, "password"}, value: text, at: place{File: environmentFile, Variable: s.variable()}}, layerSecrets)
		}
	}
}

func (l *loader) applyVariable(name, text string) {
	at := place{File: environmentFile, Variable: name}
	path := strings.Split(strings.ToLower(strings.TrimPrefix(name, variablePrefix)), "__")
	k, _ := matchKey(path)
	switch want := variableFor(path); {
	case k == nil && isTable(path):
		l.complainAt(at, "", "this names a table; add two underscores and a key")
	case k == nil:
		l.complainAt(at, "", "%s", unknown(path, "key"))
	case name != want:
		l.complainAt(at, render(path), "did you mean %q? The names are in upper case", want)
	default:
		v, why := k.fromText(text)
		if why != "" {
			l.complainAt(at, render(path), "%s", why)
			return
		}
		l.set(leaf{path: path, value: v, at: at}, layerVariables)
	}
}

// knownVariables lists the names to look up where the caller can't list those
// that are set: every key, and those of the templates in the files.
func (l *loader) knownVariables() []string {
	var names []string
	for i := range table {
		if table[i].of == nil {
			names = append(names, table[i].Variable())
			continue
		}
		for template := range l.cfg.Templates {
			segments := table[i].segments()
			segments[1] = template
			for _, op := range operations[:len(operations)-1] {
				if segments[len(segments)-1] == "*" {
					names = append(names, variableFor(append(segments[:len(segments)-1:len(segments)-1], op)))
				}
			}
			if segments[len(segments)-1] != "*" {
				names = append(names, variableFor(segments))
			}
		}
	}
	return names
}

// fromText reads a variable the way the file's value would be read.
func (k *Key) fromText(text string) (any, string) {
	switch k.Kind {
	case Bool:
		if text != "true" && text != "false" {
			return nil, k.echo(text) + "give true or false"
		}
		return text == "true", ""
	case Integer:
		return k.integerFromText(text)
	case Strings:
		return toAny(splitList(text)), ""
	case Integers:
		list := []any{}
		for _, item := range splitList(text) {
			n, why := k.integerFromText(item)
			if why != "" {
				return nil, why
			}
			list = append(list, n)
		}
		return list, ""
	default:
		return text, ""
	}
}

func (k *Key) integerFromText(text string) (any, string) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return nil, k.echo(text) + "give an integer" + k.unitPhrase()
	}
	return n, ""
}

// splitList splits at commas; an empty variable is an empty list.
func splitList(text string) []string {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	list := strings.Split(text, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}
