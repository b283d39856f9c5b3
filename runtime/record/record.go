// Package record holds the field types of generated records and their conversion
// to and from the runtime's values.
package record

import (
	"fmt"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/go-json-experiment/json"
)

// GUID is a UUID in binary form.
type GUID = runtime.GUID

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

// MustTime, MustDate and MustGUID read constants in generated code; they panic where
// the generator and the runtime do not agree.
func MustTime(text string) time.Time {
	return moment.from(runtime.MustParse(&runtime.Type{Kind: runtime.Timestamp}, text))
}

// MustDate is MustTime for days.
func MustDate(text string) Date {
	return date.from(runtime.MustParse(&runtime.Type{Kind: runtime.Date}, text))
}

// MustGUID is MustTime for ids.
func MustGUID(text string) GUID {
	return guid.from(runtime.MustParse(&runtime.Type{Kind: runtime.GUIDKind}, text))
}
