package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// units are what the integers of keys with a unit count.
var units = map[string]time.Duration{"ms": time.Millisecond, "s": time.Second, "h": time.Hour}

// assign stores a checked value, or returns what is wrong with it. A field
// keeps its old value then; the caller never uses a Config with findings.
func (k *Key) assign(target any, names []string, v any) string {
	switch field := target.(type) {
	case *string:
		return k.assignString(v, func(s string) { *field = s })
	case *Secret:
		return k.assignString(v, func(s string) { *field = Secret(s) })
	case *bool:
		return k.assignBool(v, field)
	case *int:
		return k.assignInteger(v, func(n int64) { *field = int(n) })
	case *int64:
		return k.assignInteger(v, func(n int64) { *field = n })
	case *time.Duration:
		return k.assignInteger(v, func(n int64) { *field = time.Duration(n) * units[k.Unit] })
	case **time.Duration:
		return k.assignDuration(v, field)
	case *[]string:
		return k.assignStrings(v, func(list []string) { *field = list })
	case *map[string][]string:
		return k.assignStrings(v, func(list []string) {
			if *field == nil {
				*field = map[string][]string{}
			}
			(*field)[names[len(names)-1]] = list
		})
	case *[]time.Duration:
		return k.assignDelays(v, field)
	}
	panic("config: no assignment for key " + k.Name)
}

func (k *Key) assignBool(v any, field *bool) string {
	b, ok := v.(bool)
	if !ok {
		return k.wrongType(v, "true or false")
	}
	*field = b
	return ""
}

func (k *Key) assignString(v any, set func(string)) string {
	s, ok := v.(string)
	if !ok {
		return k.wrongType(v, "a string in quotes")
	}
	if why := k.complaint(s); why != "" {
		return why
	}
	set(s)
	return ""
}

func (k *Key) assignInteger(v any, set func(int64)) string {
	n, ok := v.(int64)
	if !ok {
		return k.wrongType(v, "an integer without quotes")
	}
	if why := k.outOfRange(n); why != "" {
		return why
	}
	set(n)
	return ""
}

// assignDuration takes a string: a cache is thought of as "30s" or "5m".
func (k *Key) assignDuration(v any, field **time.Duration) string {
	s, ok := v.(string)
	if !ok {
		return k.wrongType(v, `a duration in quotes, such as "30s"`)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Sprintf(`%s is not a duration; give one such as "500ms", "30s" or "5m"`, quote(s))
	}
	if d < 0 || d > 24*time.Hour {
		return fmt.Sprintf(`%s is out of range; give a duration from "0s" to "24h"`, quote(s))
	}
	*field = &d
	return ""
}

func (k *Key) assignStrings(v any, set func([]string)) string {
	items, ok := v.([]any)
	if !ok {
		return k.wrongType(v, `a list such as ["a", "b"]`)
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, ok := item.(string)
		if !ok {
			return k.wrongType(item, "a string in quotes for each item")
		}
		if why := k.complaint(s); why != "" {
			return why
		}
		if slices.Contains(list, s) {
			return k.echo(s) + "it is listed twice; remove one"
		}
		list = append(list, s)
	}
	set(list)
	return ""
}

func (k *Key) assignDelays(v any, field *[]time.Duration) string {
	items, ok := v.([]any)
	if !ok {
		return k.wrongType(v, "a list such as [1000, 5000]")
	}
	list := make([]time.Duration, 0, len(items))
	for _, item := range items {
		n, ok := item.(int64)
		if !ok {
			return k.wrongType(item, "an integer for each item")
		}
		if why := k.outOfRange(n); why != "" {
			return why
		}
		list = append(list, time.Duration(n)*units[k.Unit])
	}
	*field = list
	return ""
}

// complaint applies OneOf and check to one string.
func (k *Key) complaint(s string) string {
	if len(k.OneOf) > 0 && !slices.Contains(k.OneOf, s) {
		if near := nearest(s, k.OneOf); near != "" {
			return fmt.Sprintf("unknown value %s; did you mean %q?", quote(s), near)
		}
		return fmt.Sprintf("unknown value %s; use one of %s", quote(s), strings.Join(k.OneOf, ", "))
	}
	if k.check == nil || s == "" && k.Default == "" {
		return ""
	}
	why := k.check(s)
	if why == "" {
		return ""
	}
	return k.echo(s) + why
}

// echo repeats a value in front of a complaint, where that can't give a
// secret away.
func (k *Key) echo(s string) string {
	if k.private || k.Kind == Password {
		return ""
	}
	return quote(s) + ": "
}

func (k *Key) outOfRange(n int64) string {
	switch {
	case k.Min == 0 && k.Max == 0, n >= k.Min && n <= k.Max:
		return ""
	case k.Name == "amqp.prefetch" && n == 0:
		return "0 would let RabbitMQ push its whole queue into this node's memory; give a number from 1 to 10000, 64 is a good start"
	case n < k.Min:
		return fmt.Sprintf("%d is less than %d; give a number%s from %d to %d", n, k.Min, k.unitPhrase(), k.Min, k.Max)
	}
	return fmt.Sprintf("%d is more than %d; give a number%s from %d to %d", n, k.Max, k.unitPhrase(), k.Min, k.Max)
}

func (k *Key) unitPhrase() string {
	names := map[string]string{"ms": " of milliseconds", "s": " of seconds", "h": " of hours", "bytes": " of bytes"}
	return names[k.Unit]
}

// wrongType names what was found by its TOML type, never by its value: what
// stands at the wrong place may well be a password.
func (k *Key) wrongType(v any, want string) string {
	found := "a date or time"
	switch v.(type) {
	case string:
		found = "a string"
	case bool:
		found = "a boolean"
	case int64:
		found = "an integer"
	case float64:
		found = "a number with a fraction"
	case []any:
		found = "a list"
	case map[string]any:
		found = "a table"
	}
	return "this is " + found + "; give " + want
}
