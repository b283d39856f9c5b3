package maria

import (
	"database/sql/driver"
	"testing"

	"github.com/beds-project/beds/runtime"
)

// A node reads past the columns of a later version and misses none of its own.
func TestMatch(t *testing.T) {
	l := newLayout(&runtime.Template{Name: "t", Collection: "tsT", Fields: []runtime.Field{
		{Name: "id", Type: runtime.Type{Kind: runtime.GUIDKind}}, {Name: "created", Type: runtime.Type{Kind: runtime.Timestamp}},
		{Name: "updated", Type: runtime.Type{Kind: runtime.Timestamp}}, {Name: "revision", Type: runtime.Type{Kind: runtime.Integer}},
		{Name: "a_t", Type: runtime.Type{Kind: runtime.Integer}}, {Name: "s_t", Secret: true}, {Name: "z_t", Type: runtime.Type{Kind: runtime.String}},
	}})
	at, err := l.match([]string{"id", "created", "updated", "revision", "a_t", "new_t", "z_t"})
	if err != nil {
		t.Fatal(err)
	}
	row, err := l.decodeRow(at, []driver.Value{nil, nil, nil, int64(3), int64(7), []byte("later"), []byte("z")})
	if err != nil || row[4].Int != 7 || row[6].Str != "z" || row[3].Int != 3 || row[5].State != runtime.Missing {
		t.Errorf("%+v %v", row, err)
	}
	if _, err := l.match([]string{"id", "created", "updated", "revision", "z_t"}); err == nil {
		t.Error("a missing column is not noticed")
	}
}
