package config

import (
	"os"
	"strings"
)

// defaults returns a configuration in which every key has its default.
func defaults(env Environment, dir string) *Config {
	c := &Config{Env: env, Dir: dir, Templates: map[string]*Template{}, origins: map[string]place{}}
	for i := range table {
		k := &table[i]
		if k.Default == nil || k.of != nil {
			continue
		}
		if why := k.assign(k.at(c), nil, k.defaultValue(env)); why != "" {
			panic("config: default of " + k.Name + ": " + why)
		}
	}
	return c
}

// defaultValue is Default as the file would have it.
func (k *Key) defaultValue(env Environment) any {
	switch d := k.Default.(type) {
	case string:
		return strings.NewReplacer("{env}", string(env), "{hostname}", hostname()).Replace(d)
	case int:
		return int64(d)
	case []string:
		return toAny(d)
	case []int:
		out := make([]any, len(d))
		for i, n := range d {
			out[i] = int64(n)
		}
		return out
	default:
		return d
	}
}

func toAny(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// hostname is the machine's name, or a name that says it has none usable.
func hostname() string {
	name, err := os.Hostname()
	if err != nil || checkName(name) != "" {
		return "node"
	}
	return name
}
