package maria

import (
	"database/sql/driver"
	"slices"
	"strconv"
	"strings"

	"github.com/beds-project/beds/runtime"
)

// match finds the field of each column; -1 for a column that this build does not
// know. So a node goes on while the procedures of a later version, with more
// fields, are installed under it. A column that is missing is an error.
func (l *layout) match(columns []string) ([]int, error) {
	if slices.Equal(columns, l.columns) {
		return l.returned, nil
	}
	at := make([]int, len(columns))
	found := 0
	for c, name := range columns {
		at[c] = -1
		if i := slices.Index(l.columns, name); i >= 0 {
			at[c] = l.returned[i]
			found++
		}
	}
	if found < len(l.returned) {
		for _, name := range l.columns {
			if !slices.Contains(columns, name) {
				return nil, badShape("the column %s is missing", name)
			}
		}
	}
	return at, nil
}

// decodeRow reads the columns of a reading procedure into a row. Secret fields
// are not among them and stay Missing. The bytes are the connection's buffer: the
// texts of a row are copied, in one piece.
func (l *layout) decodeRow(at []int, values []driver.Value) (runtime.Row, error) {
	row := make(runtime.Row, len(l.t.Fields))
	size := 0
	for c, i := range at {
		if i < 0 {
			continue
		}
		if b, ok := values[c].([]byte); ok && isText(l.t.Fields[i].Type.Kind) {
			row[i].State = runtime.Set
			size += len(b)
			continue
		}
		if !decodeValue(&row[i], l.t.Fields[i].Type.Kind, values[c]) {
			return nil, badShape("column %s holds a %T", l.t.Fields[i].Name, values[c])
		}
	}
	var texts strings.Builder
	texts.Grow(size)
	for c, i := range at {
		if b, ok := values[c].([]byte); ok && i >= 0 && isText(l.t.Fields[i].Type.Kind) {
			start := texts.Len()
			texts.Write(b)
			row[i].Str = texts.String()[start:]
		}
	}
	return row, nil
}

// isText reports whether a value of the kind is kept in Str.
func isText(k runtime.Kind) bool {
	switch k {
	case runtime.Integer, runtime.Boolean, runtime.Float, runtime.Timestamp:
		return false
	}
	return true
}

// decodeValue reads one column; texts are copied.
func decodeValue(v *runtime.Value, kind runtime.Kind, from driver.Value) bool {
	if from == nil {
		v.State = runtime.Null
		return true
	}
	v.State = runtime.Set
	switch kind {
	case runtime.Integer, runtime.Boolean:
		return decodeInt(&v.Int, from)
	case runtime.Float:
		return decodeFloat(&v.Float, from)
	case runtime.Timestamp:
		b, ok := from.([]byte)
		if !ok {
			return false
		}
		v.Int, ok = parseDatetime(b)
		return ok
	}
	switch b := from.(type) {
	case []byte:
		v.Str = string(b)
	case string:
		v.Str = b
	default:
		return false
	}
	return true
}

func decodeInt(dst *int64, from driver.Value) bool {
	switch n := from.(type) {
	case int64:
		*dst = n
	case uint64:
		*dst = int64(n)
	case []byte:
		i, err := strconv.ParseInt(string(n), 10, 64)
		*dst = i
		return err == nil
	default:
		return false
	}
	return true
}

func decodeFloat(dst *float64, from driver.Value) bool {
	switch n := from.(type) {
	case float64:
		*dst = n
	case float32:
		*dst = float64(n)
	case []byte:
		f, err := strconv.ParseFloat(string(n), 64)
		*dst = f
		return err == nil
	default:
		return false
	}
	return true
}
