package maria_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

type envelopeCode = envelope.Code

// A session is one connection of the privileged account.
type session struct{ conn *sql.Conn }

func (d *database) session(t testing.TB) session {
	t.Helper()
	c, err := d.root.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return session{c}
}

// handlerReads runs a call and returns how many entries the server read for it.
func (s session) handlerReads(t testing.TB, query string, args ...any) int {
	t.Helper()
	ctx := context.Background()
	if _, err := s.conn.ExecContext(ctx, "FLUSH STATUS"); err != nil {
		t.Fatal(err)
	}
	rows, err := s.conn.QueryContext(ctx, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	for more := true; more; more = rows.NextResultSet() {
		for rows.Next() {
		}
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err = s.conn.QueryContext(ctx, "SHOW SESSION STATUS LIKE 'Handler_read%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	total := 0
	for rows.Next() {
		var name string
		var n int
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		total += n
	}
	return total
}

// pageOf is the argument for a page in the middle of an index; empty where the
// kind of condition makes no sense.
func pageOf(t *runtime.Template, ix *runtime.Index, rows []runtime.Row, reverse bool, terms string) string {
	first := ix.Keys[0].Field
	name := t.Fields[first].Name
	last := rows[len(rows)/2]
	for i := 0; terms != "null" && last[first].State != runtime.Set; i++ {
		last = rows[i]
	}
	members := []string{`"limit":5`, `"reverse":` + strconv.FormatBool(reverse)}
	switch {
	case terms == "eq":
		members = append(members, fmt.Sprintf(`"eq":{%q:%s}`, name, plain(t, first, last)))
	case terms == "none":
	case t.Fields[first].Required:
		return ""
	default:
		// Where the second key is null as well, MariaDB sorts the records that have
		// neither: the page then costs their number.
		second := ix.Keys[min(1, len(ix.Keys)-1)].Field
		for i := 0; last[first].State != runtime.Null || second != first && last[second].State == runtime.Null; i++ {
			last = rows[i]
		}
	}
	if terms == "null" {
		members = append(members, fmt.Sprintf(`"null":{%q:true}`, name))
	}
	after := []string{fmt.Sprintf(`"id":%s`, plain(t, runtime.FieldID, last))}
	for _, key := range ix.Keys {
		if key.Field != runtime.FieldID {
			after = append(after, fmt.Sprintf(`%q:%s`, t.Fields[key.Field].Name, plain(t, key.Field, last)))
		}
	}
	members = append(members, `"after":{`+strings.Join(after, ",")+"}")
	return "{" + strings.Join(members, ",") + "}"
}

// plain writes a value as the procedures want it, independently of the store.
func plain(t *runtime.Template, field int, row runtime.Row) string {
	v := row[field]
	if v.State != runtime.Set {
		return "null"
	}
	switch t.Fields[field].Type.Kind {
	case runtime.GUIDKind:
		return `"` + hex.EncodeToString([]byte(v.Str)) + `"`
	case runtime.Timestamp:
		return timestamp(v.Int)
	case runtime.Integer, runtime.Boolean:
		return strconv.FormatInt(v.Int, 10)
	case runtime.Float:
		return strconv.FormatFloat(v.Float, 'g', -1, 64)
	}
	return strconv.Quote(v.Str)
}
