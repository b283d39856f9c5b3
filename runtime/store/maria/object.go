package maria

import (
	"context"
	"database/sql/driver"
	"encoding/base64"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// maxObjectName leaves room for the collection before it.
const maxObjectName = 48

// Object calls the DBA's procedure {collection}_x_{name} with one JSON argument
// and returns the rows of its first result set as a JSON array of objects.
//
// What the procedure does is not known here: it is never repeated, and its
// connection is not used again, since it may have left a transaction or changed
// the session.
func (s *Store) Object(ctx context.Context, t *runtime.Template, name string, args []byte) ([]byte, error) {
	if !isObjectName(name) {
		return nil, envelope.Errorf(envelope.UnknownObject, "an object's name has 1 to %d letters, digits and underscores", maxObjectName)
	}
	procedure := t.Collection + "_x_" + name
	out := []byte{'['}
	query := string(append(append(s.appendLimit(ctx, nil), "CALL `"+procedure+"`('"...), appendJSON(nil, string(args))...)) + "')"
	err := s.object(ctx, query, func(columns []column, values []driver.Value) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = appendObject(out, columns, values)
	})
	if err != nil {
		s.errs.Add(1)
		if n := number(err); n == errNoProcedure || n == errExecuteDenied {
			return nil, envelope.Wrap(envelope.UnknownObject, err, "the database has no object "+name+" that this node may call")
		}
		return nil, classify(err, objectCall, procedure)
	}
	return append(out, ']'), nil
}

func isObjectName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return name != "" && len(name) <= maxObjectName
}

// A column of an unknown result set.
type column struct {
	name   string
	binary bool
}

// object runs a call whose columns are not known before.
func (s *Store) object(ctx context.Context, query string, row func([]column, []driver.Value)) error {
	for {
		c, err := s.pool.get(ctx)
		if err != nil {
			return &unsentError{err}
		}
		s.calls.Add(1)
		fresh := c.fresh
		rows, err := c.Conn.(driver.QueryerContext).QueryContext(ctx, query, nil)
		if err == nil {
			columns := columnsOf(rows)
			_, err = drain(rows, func(_ []string, values []driver.Value) error {
				row(columns, values)
				return nil
			})
		}
		s.pool.put(c, false)
		if !errors.Is(err, driver.ErrBadConn) {
			return err
		}
		if fresh {
			return &unsentError{err}
		}
	}
}

func columnsOf(rows driver.Rows) []column {
	names := rows.Columns()
	columns := make([]column, len(names))
	typed, _ := rows.(driver.RowsColumnTypeDatabaseTypeName)
	for i, n := range names {
		columns[i].name = n
		if typed == nil {
			continue
		}
		switch typed.ColumnTypeDatabaseTypeName(i) {
		case "BINARY", "VARBINARY", "BLOB", "BIT", "GEOMETRY":
			columns[i].binary = true
		}
	}
	return columns
}

func appendObject(dst []byte, columns []column, values []driver.Value) []byte {
	dst = append(dst, '{')
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, columns[i].name)
		dst = append(dst, ':')
		dst = appendCell(dst, columns[i].binary, v)
	}
	return append(dst, '}')
}

// appendCell appends a value by its type in the result: numbers as numbers, but
// decimals and all else as strings, binary as base64.
func appendCell(dst []byte, binary bool, v driver.Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case uint64:
		return strconv.AppendUint(dst, v, 10)
	case float64:
		return strconv.AppendFloat(dst, v, 'g', -1, 64)
	case float32:
		return strconv.AppendFloat(dst, float64(v), 'g', -1, 32)
	case time.Time:
		return appendString(dst, v.UTC().Format("2006-01-02T15:04:05.000000Z"))
	case []byte:
		if binary || !utf8.Valid(v) {
			dst = append(dst, '"')
			dst = base64.StdEncoding.AppendEncode(dst, v)
			return append(dst, '"')
		}
		return appendString(dst, string(v))
	}
	return append(dst, "null"...)
}
