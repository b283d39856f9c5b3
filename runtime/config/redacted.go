package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Origin says where a key's value comes from: "config/beds.toml:12:1",
// "environment BEDS__AMQP__URLS", or "default".
func (c *Config) Origin(key string) string {
	if at, ok := c.origins[key]; ok {
		return at.String()
	}
	return "default"
}

// Redacted writes the configuration in effect as TOML, each value with its
// origin, and *** for secrets: what `beds check` shows.
func (c *Config) Redacted() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# environment %s\n", c.Env)
	var section string
	for i := range table {
		k := &table[i]
		if k.of == nil {
			section = c.writeKey(&b, k, k.segments(), k.at(c), section)
		}
	}
	for _, name := range sortedNames(c.Templates) {
		c.writeTemplate(&b, name)
	}
	return b.String()
}

// writeKey writes one line, below its table's header, and returns that table.
func (c *Config) writeKey(b *strings.Builder, k *Key, path []string, field any, section string) string {
	last := len(path) - 1
	if in := render(path[:last]); in != section {
		section = in
		fmt.Fprintf(b, "\n[%s]\n", section)
	}
	fmt.Fprintf(b, "%-32s # %s\n", renderName(path[last])+" = "+k.show(field), c.Origin(render(path)))
	return section
}

func (c *Config) writeTemplate(b *strings.Builder, name string) {
	t := c.Templates[name]
	section := ""
	for i := range table {
		k := &table[i]
		path := k.segments()
		if k.of == nil {
			continue
		}
		path[1] = name
		if path[len(path)-1] != "*" {
			if _, given := c.origins[render(path)]; given {
				section = c.writeKey(b, k, path, k.of(t), section)
			}
			continue
		}
		for _, op := range sortedNames(t.Access) {
			path[len(path)-1] = op
			users := t.Access[op]
			section = c.writeKey(b, k, path, &users, section)
		}
	}
}

// show writes a field's value as TOML.
func (k *Key) show(field any) string {
	switch v := field.(type) {
	case *string:
		return strconv.QuoteToASCII(*v)
	case *Secret:
		if *v == "" {
			return `""`
		}
		return `"` + masked + `"`
	case *bool:
		return strconv.FormatBool(*v)
	case *int:
		return strconv.Itoa(*v)
	case *int64:
		return strconv.FormatInt(*v, 10)
	case *time.Duration:
		return strconv.FormatInt(int64(*v/units[k.Unit]), 10)
	case **time.Duration:
		if *v == nil {
			return `""`
		}
		return strconv.Quote((*v).String())
	case *[]string:
		return showList(*v, strconv.QuoteToASCII)
	case *[]time.Duration:
		return showList(*v, func(d time.Duration) string { return strconv.FormatInt(int64(d/units[k.Unit]), 10) })
	}
	panic("config: no text for key " + k.Name)
}

func showList[T any](list []T, show func(T) string) string {
	items := make([]string, len(list))
	for i, v := range list {
		items[i] = show(v)
	}
	return "[" + strings.Join(items, ", ") + "]"
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
