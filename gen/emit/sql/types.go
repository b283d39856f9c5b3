package sql

import (
	"strconv"
	"strings"

	"github.com/beds-project/beds/gen/model"
)

// textual is the character set and collation of every text column: binary order
// and no padding, so that "a" and "a " differ and the order is the one of the code
// points, exactly as in the document store.
const textual = " CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"

const (
	maxVarchar = 16383 // characters: 65,535 bytes of four each
	maxText    = 1<<16 - 1
	maxMedium  = 1<<24 - 1
)

// columnType is the type of a field in the table.
func columnType(t *model.Type) string {
	switch t.Kind {
	case model.Text:
		return sized(t.Max, "TEXT") + textual
	case model.Object, model.Array:
		return "LONGTEXT" + textual
	case model.Binary:
		return sized(t.Max, "BLOB")
	}
	return scalarType(t, 0)
}

// sized picks the TEXT or BLOB type that holds max bytes.
func sized(max int, base string) string {
	switch {
	case max <= 0 || max > maxMedium:
		return "LONG" + base
	case max > maxText:
		return "MEDIUM" + base
	}
	return base
}

// scalarType is the type of a local variable or a column for a value that can be
// compared. Strings get room for slack more characters.
func scalarType(t *model.Type, slack int) string {
	switch t.Kind {
	case model.String, model.Enum:
		n := stringMax(t) + slack
		if n > maxVarchar {
			return sized(4*n, "TEXT") + textual
		}
		return "VARCHAR(" + strconv.Itoa(n) + ")" + textual
	case model.Integer:
		return "BIGINT"
	case model.Float:
		return "DOUBLE"
	case model.Decimal:
		return "DECIMAL(" + strconv.Itoa(t.Precision) + "," + strconv.Itoa(t.Scale) + ")"
	case model.Boolean:
		return "BOOLEAN"
	case model.Timestamp:
		return "DATETIME(6)"
	case model.Date:
		return "DATE"
	case model.GUID:
		return "BINARY(16)"
	case model.Binary:
		return "VARBINARY(" + strconv.Itoa(max(t.Max, 1)+slack) + ")"
	}
	return "LONGTEXT" + textual
}

// stringMax is the longest value of a string or an enum, in characters.
func stringMax(t *model.Type) int {
	n := t.Max
	if t.Kind == model.Enum {
		n = 0
		for _, v := range t.Values {
			n = max(n, len([]rune(v)))
		}
	}
	return max(n, 1)
}

// jsonType is the type that a value of a request is read as in JSON_TABLE, where
// it goes into a column or a variable that has the right collation.
func jsonType(t *model.Type, slack int) string {
	return strings.TrimSuffix(jsonTypeExact(t, slack), textual)
}

// jsonTypeExact is the same with the collation, for values that meet a column's
// in an expression.
func jsonTypeExact(t *model.Type, slack int) string {
	switch t.Kind {
	case model.GUID:
		return "CHAR(32)"
	case model.Binary:
		return "LONGTEXT"
	case model.Text, model.Object, model.Array:
		return "LONGTEXT" + textual
	}
	return scalarType(t, slack)
}

// fromJSON turns what JSON_TABLE read into the column's value.
func fromJSON(t *model.Type, expr string) string {
	switch t.Kind {
	case model.GUID:
		return "UNHEX(" + expr + ")"
	case model.Binary:
		return "FROM_BASE64(" + expr + ")"
	}
	return expr
}

// isJSON reports whether a column holds JSON text.
func isJSON(t *model.Type) bool { return t.Kind == model.Object || t.Kind == model.Array }

// constant writes a constant of a template as a literal of the field's type.
func constant(t *model.Type, v model.Value) string {
	if v.Null {
		return "NULL"
	}
	switch t.Kind {
	case model.Integer, model.Float, model.Decimal:
		return number(v.Text)
	case model.Boolean:
		if v.Text == "true" {
			return "TRUE"
		}
		return "FALSE"
	case model.Timestamp:
		return literal(datetime(v.Text))
	case model.GUID:
		return "UNHEX(" + literal(unhyphen(v.Text)) + ")"
	case model.Binary:
		return "FROM_BASE64(" + literal(v.Text) + ")"
	}
	return data(v.Text)
}

// number lets a number through as it is and quotes anything else.
func number(s string) string {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
		default:
			return literal(s)
		}
	}
	if s == "" || s[0] == 'e' || s[0] == 'E' || len(s) > 1 && s[:2] == "--" {
		return literal(s)
	}
	return s
}

// datetime turns 2026-01-31T23:59:59.000000Z into 2026-01-31 23:59:59.000000.
func datetime(s string) string {
	b := []byte(s)
	if len(b) > 11 && b[10] == 'T' {
		b[10] = ' '
	}
	if n := len(b); n > 0 && b[n-1] == 'Z' {
		b = b[:n-1]
	}
	return string(b)
}

func unhyphen(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '-' {
			b = append(b, s[i])
		}
	}
	return string(b)
}
