package record

import (
	"time"

	"github.com/beds-project/beds/runtime"
)

// A codec converts between a scalar's Go type and a value.
type codec[T any] struct {
	to   func(T) runtime.Value
	from func(runtime.Value) T
}

type timestamp = time.Time

// The codecs of the scalar types. Enums and texts are strings too.
var (
	text    = codec[string]{runtime.StrValue, func(v runtime.Value) string { return v.Str }}
	integer = codec[int64]{runtime.IntValue, func(v runtime.Value) int64 { return v.Int }}
	float   = codec[float64]{runtime.FloatValue, func(v runtime.Value) float64 { return v.Float }}
	boolean = codec[bool]{fromBool, func(v runtime.Value) bool { return v.Int != 0 }}
	decimal = codec[Decimal]{
		func(d Decimal) runtime.Value { return runtime.StrValue(string(d)) },
		func(v runtime.Value) Decimal { return Decimal(v.Str) }}
	moment = codec[timestamp]{
		func(t timestamp) runtime.Value { return runtime.IntValue(t.UnixMicro()) },
		func(v runtime.Value) timestamp { return time.UnixMicro(v.Int).UTC() }}
	date   = codec[Date]{func(d Date) runtime.Value { return runtime.StrValue(d.String()) }, toDate}
	guid   = codec[GUID]{GUID.Value, runtime.GUIDOf}
	binary = codec[[]byte]{
		func(b []byte) runtime.Value { return runtime.StrValue(string(b)) },
		func(v runtime.Value) []byte { return []byte(v.Str) }}
	object = codec[JSON]{
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

func optional[T any](c codec[T], o *Opt[T]) runtime.Value {
	if o.state != set {
		return runtime.Value{State: runtime.State(o.state)}
	}
	return c.to(o.value)
}

func scanned[T any](c codec[T], v runtime.Value) Opt[T] {
	if v.State != runtime.Set {
		return Opt[T]{state: state(v.State)}
	}
	return Some(c.from(v))
}
