package maria_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/store/maria"
)

// dba installs a procedure of the DBA's that the node may call.
func (d *database) dba(t testing.TB, name, body string) {
	t.Helper()
	d.exec(t, "CREATE OR REPLACE PROCEDURE `"+name+"` (IN p_request JSON) "+body)
	d.exec(t, "GRANT EXECUTE ON PROCEDURE `"+name+"` TO `beds_executor`")
}

// TestErrorAfterRows: a procedure that selects and then signals must fail.
func TestErrorAfterRows(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	d.dba(t, "ktKitchen_x_late", "BEGIN SELECT 1 AS a; SELECT 2 AS b; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'BEDS:not_found:too late'; END")
	_, err := d.store.Object(ctx, d.kitchen, "late", []byte("{}"))
	if e := wantError(t, err, envelope.NotFound); e.Message != "too late" {
		t.Fatalf("message %q", e.Message)
	}
	d.insertAll(t, d.kitchen, dish(d.kitchen, "one row to sleep on", nil))
	d.dba(t, "ktKitchen_x_long", "BEGIN SELECT 1 AS a; SELECT SLEEP(3) FROM ktKitchen; END")
	short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	_, err = d.store.Object(short, d.kitchen, "long", []byte("{}"))
	wantError(t, err, envelope.Unknown)
	// A reading procedure of ours that fails after its rows.
	d.dba(t, "ktKitchen_get", "BEGIN SELECT * FROM ktKitchen WHERE FALSE; SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'oops'; END")
	_, err = d.store.Get(ctx, d.kitchen, []runtime.GUID{{}})
	wantError(t, err, envelope.Internal)
}

func TestObject(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	d.dba(t, "ktKitchen_x_echo", `SELECT p_request AS arg, 1 AS n, 1.50 AS d, 2e0 AS f, NULL AS x, UNHEX('00FF') AS b, 'it''s' AS s UNION ALL SELECT '', 2, 0.5, 0.5e0, NULL, '', ''`)
	got, err := d.store.Object(ctx, d.kitchen, "echo", []byte(`{"q":"it's \\ \"x\""}`))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"arg":"{\"q\":\"it\u0027s \\\\ \\\"x\\\"\"}","n":1,"d":"1.50","f":2,"x":null,"b":"AP8=","s":"it\u0027s"},` +
		`{"arg":"","n":2,"d":"0.50","f":0.5,"x":null,"b":"","s":""}]`
	// The quote travels as an escape and comes back as one: the same JSON.
	if s := strings.ReplaceAll(string(got), `\\u0027`, `\u0027`); s != want {
		t.Fatalf("got\n%s\nwant\n%s", s, want)
	}
	_, err = d.store.Object(ctx, d.kitchen, "absent", []byte("{}"))
	wantError(t, err, envelope.UnknownObject)
	_, err = d.store.Object(ctx, d.kitchen, "x`; --", []byte("{}"))
	wantError(t, err, envelope.UnknownObject)
	// A transaction that it leaves open is nobody's.
	d.dba(t, "ktKitchen_x_open", "BEGIN START TRANSACTION; SELECT 1 AS a; END")
	if _, err = d.store.Object(ctx, d.kitchen, "open", []byte("{}")); err != nil {
		t.Fatal(err)
	}
	d.insertAll(t, d.kitchen, dish(d.kitchen, "after open", nil))
}

func TestPrivileges(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	if err := d.store.VerifyPrivileges(ctx); err != nil {
		t.Fatal(err)
	}
	d.exec(t, "GRANT SELECT, INSERT ON `"+d.name+"`.* TO `"+d.node.User+"`@`%`")
	err := d.store.VerifyPrivileges(ctx)
	e := wantError(t, err, envelope.Internal)
	want := "REVOKE SELECT, INSERT ON `" + d.name + "`.* FROM `" + d.node.User + "`@`%`;"
	if !strings.Contains(e.Message, want) {
		t.Fatalf("%s\nlacks %s", e.Message, want)
	}
	d.exec(t, want)
	if err := d.store.VerifyPrivileges(ctx); err != nil {
		t.Fatal(err)
	}
	c := d.node
	c.Password = "wrong"
	if _, err = maria.Open(ctx, c); err == nil {
		t.Fatal("opened with a wrong password")
	}
	e = wantError(t, err, envelope.Unavailable)
	if strings.Contains(e.Message, d.node.User) || strings.Contains(e.Message, "127.0.0.1") {
		t.Fatalf("the message names accounts or addresses: %s", e.Message)
	}
}

func TestVerify(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	var log strings.Builder
	c := d.node
	c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	s, err := maria.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(ctx)
	templates := []*runtime.Template{d.kitchen, d.entry}
	if err := s.Verify(ctx, templates); err != nil {
		t.Fatal(err)
	}
	if off := d.number(t, "SELECT @@event_scheduler <> 'ON'") == 1; off != strings.Contains(log.String(), "event scheduler") {
		t.Fatalf("log: %s", log.String())
	}
	d.exec(t, "DROP PROCEDURE ktEntry_count")
	stale := *d.kitchen
	stale.Fingerprint = "0000000000000000"
	err = s.Verify(ctx, []*runtime.Template{&stale, d.entry})
	e := wantError(t, err, envelope.Internal)
	for _, want := range []string{"ktEntry_count is missing", "ktKitchen_get is v2 " + d.kitchen.Fingerprint + "; this node needs v2 0000000000000000", "run: beds sql install"} {
		if !strings.Contains(e.Message, want) {
			t.Fatalf("%s\nlacks %q", e.Message, want)
		}
	}
	_, err = s.Count(ctx, d.entry, &runtime.Find{Index: &d.entry.Indexes[0]})
	if e := wantError(t, err, envelope.Unavailable); !strings.Contains(e.Message, "ktEntry_count") {
		t.Fatal(e.Message)
	}
}

// TestDeadline: the server stops what the caller no longer waits for.
func TestDeadline(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	in := dish(k, "locked", nil)
	d.insertAll(t, k, in)
	root := d.session(t)
	bg := context.Background()
	for _, q := range []string{"START TRANSACTION", "SELECT * FROM ktKitchen FOR UPDATE"} {
		rows, err := root.conn.QueryContext(bg, q)
		if err != nil {
			t.Fatal(err)
		}
		_ = rows.Close()
	}
	ctx, cancel := context.WithTimeout(bg, 150*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := d.store.Update(ctx, k, []runtime.Update{changeOf(k, "late", idOf(in), 0, set{"rank": num(1)})}, false)
	wantError(t, err, envelope.Unknown)
	if took := time.Since(began); took > 2*time.Second {
		t.Fatalf("gave up after %s", took)
	}
	_, err = d.store.Get(ctx, k, []runtime.GUID{idOf(in)})
	wantError(t, err, envelope.DeadlinePassed)
	for range 250 { // the server ends the late statement by itself, while the lock is still held
		if d.number(t, "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = ? AND COMMAND <> 'Sleep' AND ID <> CONNECTION_ID()", d.name) == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if _, err := root.conn.ExecContext(bg, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if d.number(t, "SELECT COUNT(*) FROM information_schema.INNODB_TRX") == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if row := d.fetch(t, k, idOf(in)); row[runtime.FieldRevision].Int != 1 {
		t.Fatal("the late update took effect")
	}
	// The key settles what became of it, with one effect.
	out, err := d.store.Update(bg, k, []runtime.Update{changeOf(k, "late", idOf(in), 0, set{"rank": num(1)})}, false)
	if err != nil || out[0].Code != "" || out[0].Revision != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
}

// TestOpenTransaction: a connection that somebody left in a transaction must not
// swallow a write.
func TestOpenTransaction(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	k := d.kitchen
	d.dba(t, "ktKitchen_get", "START TRANSACTION")
	if _, err := d.store.Get(ctx, k, []runtime.GUID{{}}); err != nil {
		t.Fatal(err)
	}
	_, err := d.store.Insert(ctx, k, []runtime.Insert{dish(k, "swallowed", nil)}, false)
	wantError(t, err, envelope.Unavailable)
	d.insertAll(t, k, dish(k, "swallowed", nil))
}

// A breaker is a proxy whose connections can be cut.
type breaker struct {
	net.Listener
	target string
	after  atomic.Int64 // bytes from the server to let through; negative: all
}

func newBreaker(t *testing.T, target string) *breaker {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &breaker{Listener: l, target: target}
	b.after.Store(-1)
	go b.serve()
	t.Cleanup(func() { _ = l.Close() })
	return b
}

func (b *breaker) serve() {
	for {
		c, err := b.Accept()
		if err != nil {
			return
		}
		s, err := net.Dial("tcp", b.target)
		if err != nil {
			_ = c.Close()
			continue
		}
		go func() {
			_, _ = io.Copy(s, c)
			_ = s.Close()
		}()
		go func() {
			defer c.Close()
			buf := make([]byte, 4096)
			for {
				n, err := s.Read(buf)
				if err != nil {
					return
				}
				if b.after.Load() >= 0 {
					return // the answer is lost
				}
				if _, err := c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// TestLostAnswer: the write took effect, its answer got lost.
func TestLostAnswer(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	k := d.kitchen
	b := newBreaker(t, d.node.Address)
	c := d.node
	c.Address = b.Addr().String()
	s, err := maria.Open(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(ctx)
	b.after.Store(0)
	in := dish(k, "lost", nil)
	_, err = s.Insert(ctx, k, []runtime.Insert{in}, false)
	wantError(t, err, envelope.Unknown)
	_, err = s.Get(ctx, k, []runtime.GUID{idOf(in)})
	wantError(t, err, envelope.Unavailable)
	b.after.Store(-1)
	out, err := s.Insert(ctx, k, []runtime.Insert{in}, false)
	if err != nil {
		t.Fatal(err)
	}
	if out[0].Code != "" || out[0].ID != idOf(in) {
		t.Fatalf("%+v", out)
	}
	if n := d.number(t, "SELECT COUNT(*) FROM ktKitchen WHERE name_kit = 'lost'"); n != 1 {
		t.Fatalf("%d records", n)
	}
	_ = b.Close()
	_ = s.Close(ctx)
	if _, err = maria.Open(ctx, c); err == nil {
		t.Fatal("opened without a server")
	}
	wantError(t, err, envelope.Unavailable)
}

// TestKilledConnection: an idle connection that the server ended is replaced
// before anything is sent on it.
func TestKilledConnection(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	d.insertAll(t, k, dish(k, "first", nil))
	rows, err := d.root.Query("SELECT ID FROM information_schema.PROCESSLIST WHERE USER = ?", d.node.User)
	if err != nil {
		t.Fatal(err)
	}
	var ids []int
	for rows.Next() {
		var id int
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	_ = rows.Close()
	for _, id := range ids {
		d.exec(t, fmt.Sprint("KILL ", id))
	}
	time.Sleep(50 * time.Millisecond)
	d.insertAll(t, k, dish(k, "second", nil))
}

// TestOperatorsMistakes: what is wrong with the installation is no fault of the request,
// which succeeds when that is mended.
func TestOperatorsMistakes(t *testing.T) {
	d := newDatabase(t)
	k := d.kitchen
	account := "`" + d.node.User + "`@`%`"
	for i, m := range []struct{ breaks, mends string }{
		{"ALTER USER " + account + " ACCOUNT LOCK", "ALTER USER " + account + " ACCOUNT UNLOCK"},
		{"RENAME TABLE ktKitchen TO ktAway", "RENAME TABLE ktAway TO ktKitchen"},
		{"ALTER TABLE ktKitchen RENAME COLUMN revision TO away", "ALTER TABLE ktKitchen RENAME COLUMN away TO revision"},
	} {
		d.exec(t, m.breaks)
		s, err := maria.Open(context.Background(), d.node)
		if err == nil {
			_, err = s.Insert(context.Background(), k, []runtime.Insert{dish(k, fmt.Sprint("mistake ", i), nil)}, false)
			_ = s.Close(context.Background())
		}
		wantError(t, err, envelope.Unavailable)
		d.exec(t, m.mends)
		d.insertAll(t, k, dish(k, fmt.Sprint("mistake ", i), nil))
	}
}

func TestClose(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	s, err := maria.Open(ctx, d.node)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(ctx), s.Close(ctx)); err != nil {
		t.Fatal(err)
	}
	wantError(t, s.Ping(ctx), envelope.Draining)
	if st := s.Stats(); st.Open != 0 || st.Busy != 0 {
		t.Fatalf("%+v", st)
	}
}

// TestPrune removes the records of old writes, a bounded number a call.
func TestPrune(t *testing.T) {
	d := newDatabase(t)
	ctx := context.Background()
	var items []runtime.Insert
	for i := range 10 {
		items = append(items, dish(d.kitchen, fmt.Sprint("old ", i), nil))
	}
	d.insertAll(t, d.kitchen, items...)
	d.exec(t, "UPDATE beds_requests SET stored = stored - INTERVAL 9 DAY WHERE request_key < 'insert old 7'")
	for _, want := range []int64{5, 2, 0} {
		n, err := d.store.Prune(ctx, 7*24*time.Hour, 5)
		if err != nil || n != want {
			t.Fatalf("pruned %d (%v), want %d", n, err, want)
		}
	}
	if n := d.number(t, "SELECT COUNT(*) FROM beds_requests"); n != 3 {
		t.Fatalf("%d are left", n)
	}
}
