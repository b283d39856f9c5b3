package record

import (
	"fmt"

	"github.com/beds-project/beds/runtime"
)

// Opt is an optional field. The zero Opt is absent: a write applies the default.
//
// It has functions and no methods: the compiler would make every method anew in each
// generated package, at several times the cost of everything else there.
type Opt[T any] struct {
	value T
	state state
}

// A state is a runtime.State; as a type of its own it tells an Opt from other structs.
type state runtime.State

const set = state(runtime.Set)

// Some is a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{v, set} }

// Null is an explicit null.
func Null[T any]() Opt[T] { return Opt[T]{state: state(runtime.Null)} }

// Get returns the value of a field and whether there is one.
func Get[T any](o Opt[T]) (T, bool) { return o.value, o.state == set }

// Or returns the value of a field, or a substitute where there is none.
func Or[T any](o Opt[T], substitute T) T {
	if o.state == set {
		return o.value
	}
	return substitute
}

// IsNull reports whether a field is null or absent.
func IsNull[T any](o Opt[T]) bool { return o.state != set }

// Text is the value of a field as fmt prints it, or null.
func Text[T any](o Opt[T]) string {
	if o.state != set {
		return "null"
	}
	return fmt.Sprint(o.value)
}
