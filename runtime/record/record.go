// Package record holds the field types of generated records and their conversion
// to and from the runtime's values. Scalars convert without reflection.
package record

import (
	"fmt"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/go-json-experiment/json"
)

// GUID is a UUID in binary form.
type GUID = runtime.GUID

// Opt is an optional field. The zero Opt is absent: a write applies the default.
type Opt[T any] struct {
	value T
	state runtime.State
}

// Some is a present value.
func Some[T any](v T) Opt[T] { return Opt[T]{v, runtime.Set} }

// Null is an explicit null.
func Null[T any]() Opt[T] { return Opt[T]{state: runtime.Null} }

// Get returns the value and whether there is one.
func (o Opt[T]) Get() (T, bool) { return o.value, o.state == runtime.Set }

// Or returns the value, or a substitute where there is none.
func (o Opt[T]) Or(substitute T) T {
	if o.state == runtime.Set {
		return o.value
	}
	return substitute
}

// IsNull reports whether the field is null or absent.
func (o Opt[T]) IsNull() bool { return o.state != runtime.Set }

func (o Opt[T]) String() string {
	if o.state != runtime.Set {
		return "null"
	}
	return fmt.Sprint(o.value)
}

// Decimal is an exact decimal in text form: "-12.30".
type Decimal string

// JSON is free JSON text: an object.
type JSON string

// Unmarshal reads the JSON into a Go value.
func (j JSON) Unmarshal(v any) error { return json.Unmarshal([]byte(j), v) }

// A Date is a day without time or zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day of a time in its own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// String is the form 2026-01-31.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// MarshalText implements encoding.TextMarshaler.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Date) UnmarshalText(b []byte) error {
	t, err := time.Parse(time.DateOnly, string(b))
	if err != nil {
		return err
	}
	*d = DateOf(t)
	return nil
}

// A Codec converts between a field's Go type and a value. Generated code names
// one for each field.
type Codec[T any] struct {
	To   func(T) runtime.Value
	From func(runtime.Value) T
}

// The codecs of the scalar types. Types kept as strings share Text.
var (
	Text    = Codec[string]{runtime.StrValue, func(v runtime.Value) string { return v.Str }}
	Integer = Codec[int64]{runtime.IntValue, func(v runtime.Value) int64 { return v.Int }}
	Float   = Codec[float64]{runtime.FloatValue, func(v runtime.Value) float64 { return v.Float }}
	Boolean = Codec[bool]{fromBool, func(v runtime.Value) bool { return v.Int != 0 }}
	Number  = Codec[Decimal]{
		func(d Decimal) runtime.Value { return runtime.StrValue(string(d)) },
		func(v runtime.Value) Decimal { return Decimal(v.Str) }}
	Time = Codec[time.Time]{
		func(t time.Time) runtime.Value { return runtime.IntValue(t.UnixMicro()) },
		func(v runtime.Value) time.Time { return time.UnixMicro(v.Int).UTC() }}
	Day   = Codec[Date]{func(d Date) runtime.Value { return runtime.StrValue(d.String()) }, toDate}
	UUID  = Codec[GUID]{GUID.Value, runtime.GUIDOf}
	Bytes = Codec[[]byte]{
		func(b []byte) runtime.Value { return runtime.StrValue(string(b)) },
		func(v runtime.Value) []byte { return []byte(v.Str) }}
	Object = Codec[JSON]{
		func(j JSON) runtime.Value { return runtime.StrValue(string(j)) },
		func(v runtime.Value) JSON { return JSON(v.Str) }}
)

func fromBool(b bool) runtime.Value {
	if b {
		return runtime.IntValue(1)
	}
	return runtime.IntValue(0)
}

func toDate(v runtime.Value) Date {
	var d Date
	if err := d.UnmarshalText([]byte(v.Str)); err != nil {
		return Date{}
	}
	return d
}

// Typed is the codec of arrays and of objects with declared members. It reflects;
// only clients use it, never the node. A value that JSON cannot hold (a NaN)
// becomes an empty text, which the client refuses to send.
func Typed[T any]() Codec[T] {
	return Codec[T]{
		To: func(v T) runtime.Value {
			b, err := json.Marshal(v)
			if err != nil {
				return runtime.StrValue("")
			}
			return runtime.StrValue(string(b))
		},
		From: func(v runtime.Value) T {
			var out T
			if err := json.Unmarshal([]byte(v.Str), &out); err != nil {
				var zero T
				return zero
			}
			return out
		},
	}
}

// Optional converts an optional field.
func Optional[T any](c Codec[T], o Opt[T]) runtime.Value {
	if o.state != runtime.Set {
		return runtime.Value{State: o.state}
	}
	return c.To(o.value)
}

// FromValue reads an optional field.
func FromValue[T any](c Codec[T], v runtime.Value) Opt[T] {
	if v.State != runtime.Set {
		return Opt[T]{state: v.State}
	}
	return Some(c.From(v))
}
