package config

import (
	"fmt"
	"strings"
	"time"
)

// Kind is a key's type in the file.
type Kind string

// The kinds of value.
const (
	String   Kind = "string"
	Bool     Kind = "boolean"
	Integer  Kind = "integer"
	Duration Kind = "duration" // a string such as "1m30s"
	Strings  Kind = "list of strings"
	Integers Kind = "list of integers"
	Password Kind = "secret"
)

// A Key describes one key of the configuration; see [Keys].
type Key struct {
	// Name is the dotted name. A segment * stands for a name that the operator
	// chooses, as in templates.*.store.
	Name string
	Kind Kind
	// Unit is ms, s, h, bytes or empty; the name ends in it.
	Unit string
	// Default is nil where there is none. {env} and {hostname} stand for the
	// environment and the machine's name.
	Default any
	// Min and Max bound an integer, or each one of a list; both 0 is no bound.
	Min, Max int64
	// OneOf lists the only values allowed.
	OneOf []string
	// Required keys have no default and must be given.
	Required bool
	// Doc says what the key does and when to change it.
	Doc string

	// at returns a pointer to the field. One of at and of is set.
	at func(*Config) any
	// of does so for a key of [templates.NAME].
	of func(*Template) any
	// check returns a complaint about a string, or about each of a list.
	check func(string) string
	// private values are never repeated in a message: an address can hold a
	// password that somebody put there by mistake.
	private bool
}

// Keys returns the whole table in the order of config/beds.toml.
func Keys() []Key { return append([]Key(nil), table...) }

// Variable names the environment variable that overrides the key:
// BEDS__AMQP__HEARTBEAT_S for amqp.heartbeat_s.
func (k Key) Variable() string { return variableFor(k.segments()) }

func (k Key) segments() []string { return strings.Split(k.Name, ".") }

// table is filled from the sections; duplicates are a programmer's error.
var table = func() []Key {
	var all []Key
	for _, section := range [][]Key{
		installationKeys, logKeys, amqpKeys, mariaKeys, mongoKeys,
		storeKeys, templateKeys, brokerKeys, boundKeys, operatingKeys,
	} {
		all = append(all, section...)
	}
	seen := map[string]bool{}
	for i := range all {
		if seen[all[i].Name] {
			panic("config: key " + all[i].Name + " is described twice")
		}
		seen[all[i].Name] = true
		all[i].Kind = all[i].kind()
	}
	return all
}()

// kind derives the type in the file from the field's type, so that the two
// can't disagree.
func (k *Key) kind() Kind {
	switch target := k.target(&Config{}, &Template{}).(type) {
	case *string:
		return String
	case *bool:
		return Bool
	case *int, *int64:
		return Integer
	case *time.Duration:
		if k.Unit == "" {
			return Duration
		}
		return Integer
	case **time.Duration:
		return Duration
	case *[]string, *map[string][]string:
		return Strings
	case *[]time.Duration:
		return Integers
	case *Secret:
		return Password
	default:
		panic(fmt.Sprintf("config: key %s has a field of type %T", k.Name, target))
	}
}

// target returns the pointer to the key's field, in c or in t.
func (k *Key) target(c *Config, t *Template) any {
	if k.of != nil {
		return k.of(t)
	}
	return k.at(c)
}
