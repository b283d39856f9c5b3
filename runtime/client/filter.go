package client

import (
	"fmt"

	"github.com/beds-project/beds/runtime/record"
)

// Functions that generated code calls are kept from being inlined into it: there may
// be a thousand packages of it, which would each compile their bodies.

// A Condition is part of a filter.
type Condition struct {
	field, op string
	value     []byte // empty where JSON cannot hold the value; the request says so
}

// A Change is one assignment of an update.
type Change struct {
	field string
	value []byte
}

//go:noinline
func condition(field, op string, v any) Condition { return Condition{field, op, valueOf(v)} }

//go:noinline
func change(field string, v any) Change { return Change{field, valueOf(v)} }

func isNull(field string) Condition { return Condition{field, "eq", []byte("null")} }

func toNull(field string) Change { return Change{field, []byte("null")} }

func valueOf(v any) []byte {
	text, err := record.AppendJSON(nil, v)
	if err != nil {
		return nil
	}
	return text
}

func unwritable(what string) error {
	return fmt.Errorf("beds: the value of %s cannot be written as JSON", what)
}

// A TypedField is an array, or an object with declared members. It has functions and
// no methods, for the reason that record.Opt has none.
type TypedField[T any] string

// Set is a change of an array or an object in an update.
func Set[T any](f TypedField[T], v T) Change { return change(string(f), v) }

// SetNull is a change of an array or an object to null.
func SetNull[T any](f TypedField[T]) Change { return toNull(string(f)) }

// IsNull is satisfied by records where an array or an object is null.
func IsNull[T any](f TypedField[T]) Condition { return isNull(string(f)) }

// A Filter says which records a fetch or a count is about: all its conditions hold.
type Filter struct{ conditions []Condition }

// Where makes a filter; the node serves it along a declared index.
//
//go:noinline
func Where(conditions ...Condition) Filter { return Filter{conditions} }

// And adds conditions.
//
//go:noinline
func (f Filter) And(conditions ...Condition) Filter {
	return Filter{append(f.conditions[:len(f.conditions):len(f.conditions)], conditions...)}
}

func (f Filter) append(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	for i, c := range f.conditions {
		if len(c.value) == 0 {
			return nil, unwritable(c.field)
		}
		if indexOf(f.conditions[:i], c.field) >= 0 {
			continue // written with the first condition of the field
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, "%q:{", c.field)
		sep := ""
		for _, same := range f.conditions[i:] {
			if same.field == c.field {
				dst = fmt.Appendf(dst, "%s%q:%s", sep, same.op, same.value)
				sep = ","
			}
		}
		dst = append(dst, '}')
	}
	return append(dst, '}'), nil
}

func indexOf(conditions []Condition, field string) int {
	for i, c := range conditions {
		if c.field == field {
			return i
		}
	}
	return -1
}

// A Query is a named query with its arguments.
type Query struct {
	name string
	args []Argument
}

// An Argument is the value of a parameter.
type Argument struct {
	name  string
	value []byte
}

// NewQuery makes a query; generated code calls it.
//
//go:noinline
func NewQuery(name string, args ...Argument) Query { return Query{name, args} }

// Arg makes the argument of a query; generated code calls it.
//
//go:noinline
func Arg(name string, v any) Argument { return Argument{name, valueOf(v)} }

func (q Query) append(dst []byte) ([]byte, error) {
	dst = fmt.Appendf(dst, `{"name":%q,"params":{`, q.name)
	for i, a := range q.args {
		if len(a.value) == 0 {
			return nil, unwritable(a.name)
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, "%q:%s", a.name, a.value)
	}
	return append(dst, "}}"...), nil
}
