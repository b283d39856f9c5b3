package record

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/beds-project/beds/runtime"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ToRow reads the record that a pointer leads to. Its fields are those of the
// template, in that order.
func ToRow(rec any) (runtime.Row, error) {
	v := reflect.ValueOf(rec).Elem()
	row := make(runtime.Row, v.NumField())
	for i := range row {
		var err error
		if row[i], err = value(v.Field(i).Addr().Interface()); err != nil {
			return nil, fmt.Errorf("%s cannot be written as JSON: %w", v.Type().Field(i).Name, err)
		}
	}
	return row, nil
}

// FromRow sets the record that a pointer leads to. What a projection has left out of
// the row is absent, or zero, in the record.
func FromRow(rec any, row runtime.Row) error {
	v := reflect.ValueOf(rec).Elem()
	v.SetZero()
	for i := range row {
		if err := setField(v.Field(i).Addr().Interface(), row[i]); err != nil {
			return fmt.Errorf("%s: %w", v.Type().Field(i).Name, err)
		}
	}
	return nil
}

// value reads the field that a pointer leads to.
func value(field any) (runtime.Value, error) {
	switch p := field.(type) {
	case *string:
		return text.to(*p), nil
	case *Opt[string]:
		return optional(text, p), nil
	case *int64:
		return integer.to(*p), nil
	case *Opt[int64]:
		return optional(integer, p), nil
	case *float64:
		return float.to(*p), nil
	case *Opt[float64]:
		return optional(float, p), nil
	case *bool:
		return boolean.to(*p), nil
	case *Opt[bool]:
		return optional(boolean, p), nil
	case *Decimal:
		return decimal.to(*p), nil
	case *Opt[Decimal]:
		return optional(decimal, p), nil
	case *timestamp:
		return moment.to(*p), nil
	case *Opt[timestamp]:
		return optional(moment, p), nil
	case *Date:
		return date.to(*p), nil
	case *Opt[Date]:
		return optional(date, p), nil
	case *GUID:
		return guid.to(*p), nil
	case *Opt[GUID]:
		return optional(guid, p), nil
	case *[]byte:
		return binary.to(*p), nil
	case *Opt[[]byte]:
		return optional(binary, p), nil
	case *JSON:
		return object.to(*p), p.check()
	case *Opt[JSON]:
		if p.state != set {
			return optional(object, p), nil
		}
		return object.to(p.value), p.value.check()
	}
	p, st := composite(field)
	if st != nil && *st != set {
		return runtime.Value{State: runtime.State(*st)}, nil
	}
	b, err := json.Marshal(p)
	return runtime.StrValue(string(b)), err
}

// setField sets the field that a pointer leads to.
func setField(field any, v runtime.Value) error {
	switch p := field.(type) {
	case *string:
		*p = text.from(v)
	case *Opt[string]:
		*p = scanned(text, v)
	case *int64:
		*p = integer.from(v)
	case *Opt[int64]:
		*p = scanned(integer, v)
	case *float64:
		*p = float.from(v)
	case *Opt[float64]:
		*p = scanned(float, v)
	case *bool:
		*p = boolean.from(v)
	case *Opt[bool]:
		*p = scanned(boolean, v)
	case *Decimal:
		*p = decimal.from(v)
	case *Opt[Decimal]:
		*p = scanned(decimal, v)
	case *timestamp:
		*p = moment.from(v)
	case *Opt[timestamp]:
		*p = scanned(moment, v)
	case *Date:
		*p = date.from(v)
	case *Opt[Date]:
		*p = scanned(date, v)
	case *GUID:
		*p = guid.from(v)
	case *Opt[GUID]:
		*p = scanned(guid, v)
	case *[]byte:
		*p = binary.from(v)
	case *Opt[[]byte]:
		*p = scanned(binary, v)
	case *JSON:
		*p = object.from(v)
	case *Opt[JSON]:
		*p = scanned(object, v)
	default:
		p, st := composite(field)
		if st != nil {
			*st = state(v.State)
		}
		if v.State == runtime.Set {
			return json.Unmarshal([]byte(v.Str), p)
		}
	}
	return nil
}

var stateType = reflect.TypeFor[state]()

// composite returns pointers to the value of an array or an object with declared
// members, and to its state where it is optional. Only the generated package knows
// these types, so they convert with reflection; clients do it, never the node.
func composite(field any) (any, *state) {
	v := reflect.ValueOf(field).Elem()
	if v.Kind() != reflect.Struct || v.NumField() != 2 || v.Type().Field(1).Type != stateType {
		return field, nil
	}
	value, st := v.Field(0), v.Field(1) // not exported, so a way around is needed
	return reflect.NewAt(value.Type(), value.Addr().UnsafePointer()).Interface(), (*state)(st.Addr().UnsafePointer())
}

// AppendJSON appends a value in the form that requests have.
func AppendJSON(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case timestamp:
		return runtime.AppendValue(dst, &runtime.Type{Kind: runtime.Timestamp}, moment.to(v)), nil
	case JSON:
		return append(dst, v...), v.check()
	}
	b, err := json.Marshal(v)
	return append(dst, b...), err
}

func (j JSON) check() error {
	if !jsontext.Value(j).IsValid() {
		return errors.New("it is not JSON")
	}
	return nil
}
