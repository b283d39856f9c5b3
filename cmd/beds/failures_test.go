package main

import (
	"bytes"
	"database/sql"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/generated/order"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/command"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/record"
)

// TestNodeFailures: a node that cannot start says what is wrong, where, and what
// to do about it.
func TestNodeFailures(t *testing.T) {
	in := newInstallation(t, "")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	tests := []struct {
		name, key, value string
		code             int
		want             []string
	}{
		{"RabbitMQ is missing", "BEDS__AMQP__URLS", free.Addr().String(), 1, []string{"rabbitmq", free.Addr().String(), "make up", "[amqp]"}},
		{"RabbitMQ refuses the password", "BEDS_AMQP_PASSWORD", "wrong", 1, []string{"rabbitmq", "user, password and vhost are in [amqp]"}},
		{"no such virtual host", "BEDS__AMQP__VHOST", "nowhere", 1, []string{"vhost nowhere not found", "rabbitmqctl add_vhost"}},
		{"MariaDB is missing", "BEDS__MARIADB__ADDRESS", free.Addr().String(), 1, []string{"mariadb", "[mariadb]"}},
		{"MariaDB refuses the password", "BEDS_MARIADB_PASSWORD", "wrong", 1, []string{"access denied", "are in [mariadb]", "-create-account"}},
		{"MongoDB is missing", "BEDS__MONGODB__URI", "mongodb://" + free.Addr().String(), 1, []string{"mongodb", "[mongodb]"}},
		{"no such database", "BEDS__MARIADB__DATABASE", "mysql", 1, []string{"access denied", "beds sql install -create-account"}},
		{"no collections", "BEDS__MONGODB__DATABASE", "beds_nothing_here", 1, []string{"mongodb", "msExample", "beds sql install"}},
		{"a port that is taken", "BEDS__HEALTH__LISTEN", taken.Addr().String(), 1, []string{"another process has this port"}},
		{"an unknown key", "BEDS__AMQP__URSL", "x", 2, []string{"BEDS__AMQP__URSL", "urls"}},
		{"prefetch 0", "BEDS__AMQP__PREFETCH", "0", 2, []string{"prefetch"}},
		{"a reserved broker", "BEDS__BROKER_SERVICES__ADMIN__INSTANCES__ADMIN_BROKER_IN", "1", 1, []string{"admin_broker_in", "no such broker"}},
		{"no broker at all", "BEDS__BROKER_SERVICES__ROLES", "segundo", 1, []string{"[broker_services]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(tt.key, tt.value)
			t.Setenv("BEDS__DEADLINES__STARTUP_MS", "5000")
			code, _, errs := in.beds("", "run")
			if code != tt.code {
				t.Errorf("exit %d, want %d", code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(strings.ToLower(errs), strings.ToLower(want)) {
					t.Errorf("the answer does not name %q:\n%s", want, errs)
				}
			}
			if tt.code == 1 && strings.Contains(tt.name, "missing") { // beds check says the same
				if _, out, _ := in.beds("", "check"); !strings.Contains(out, tt.want[len(tt.want)-1]) || !strings.Contains(out, "running?") {
					t.Errorf("beds check says\n%s", out)
				}
			}
			if strings.Contains(errs, testPassword) {
				t.Errorf("the answer holds a password:\n%s", errs)
			}
		})
	}
}

// TestMissingProcedure: the node names the object and says what to run.
func TestMissingProcedure(t *testing.T) {
	in := newInstallation(t, "")
	admin, err := sql.Open("mysql", address(t, "BEDS_TEST_MARIADB_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if _, err := admin.Exec("DROP PROCEDURE `" + in.database + "`.msOrder_get"); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"run", "check"} {
		code, out, errs := in.beds("", command)
		if all := out + errs; code != 1 || !strings.Contains(all, "msOrder_get is missing") || !strings.Contains(all, "beds sql install") || strings.Contains(all, "msOrder_insert") {
			t.Errorf("%s exits with %d: %s", command, code, all)
		}
	}
}

// TestUsage: wrong usage exits with 2 and names the cure.
func TestUsage(t *testing.T) {
	tests := []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, ""},
		{[]string{"help"}, 0, "usage"},
		{[]string{"nonsense"}, 2, "beds help lists them"},
		{[]string{"run", "-nonsense"}, 2, "not defined"},
		{[]string{"call", "order"}, 2, "usage"},
		{[]string{"sql", "remove"}, 2, "sql install"},
		{[]string{"check", "-config", "no/such/folder"}, 2, "beds.toml"},
		{[]string{"version"}, 0, "templates"},
	}
	for _, tt := range tests {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			var out, errs bytes.Buffer
			code := command.Main("beds", generated.Registrations(), tt.args, strings.NewReader(""), &out, &errs)
			if all := out.String() + errs.String(); code != tt.code || !strings.Contains(all, tt.want) {
				t.Errorf("exit %d, want %d: %s", code, tt.code, all)
			}
		})
	}
}

// TestSQLInstallCommand installs through the command line, twice, and finds every
// object in place afterwards.
func TestSQLInstallCommand(t *testing.T) {
	in := newInstallation(t, "")
	t.Setenv("BEDS_MARIADB_ADMIN_DSN", address(t, "BEDS_TEST_MARIADB_DSN"))
	folder, err := filepath.Abs("../../sql")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		code, out, errs := in.beds("", "sql", "install", "-dir", folder, "-create-account")
		if code != 0 || strings.Contains(out, "Warning") || strings.Contains(out, "Note ") {
			t.Fatalf("exit %d: %s%s", code, out, errs)
		}
	}
	if code, out, errs := in.beds("", "check"); code != 0 {
		t.Errorf("check exits with %d: %s%s", code, out, errs)
	}
	broken := t.TempDir()
	for name, text := range map[string]string{"install.sql": "SOURCE broken.sql\n", "broken.sql": "SELECT 1;\nSELEKT 2;\n"} {
		if err := os.WriteFile(filepath.Join(broken, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if code, _, errs := in.beds("", "sql", "install", "-dir", broken, "-only", "mariadb"); code != 1 || !strings.Contains(errs, "broken.sql:2") {
		t.Errorf("a broken statement: exit %d, %s", code, errs)
	}
}

// TestOwnQueuesAndAccess: a template with queues of its own is served from them
// alone, and an access list decides by the user that the broker validated.
func TestOwnQueuesAndAccess(t *testing.T) {
	in := newInstallation(t, `
[templates.order]
own_queues = true
[templates.example]
access = { fetch = ["nobody"], count = ["`+brokerUser(t)+`"] }
`)
	in.start(t)
	c := in.dial(t)
	ctx := startContext(t)
	orders := order.NewClient(c)
	stored, err := orders.Write(ctx, order.Record{Number: "Q1", Customer: record.GUID{1}, Placed: record.Date{Year: 2026, Month: 1, Day: 1}, Total: "1.00"})
	if err != nil {
		t.Fatal(err)
	}
	if _, found, err := orders.Get(ctx, stored.ID); !found || err != nil {
		t.Fatal(found, err)
	}
	reply, err := c.Call(ctx, &envelope.Request{Template: "example", Op: envelope.OpFetch, Data: []byte("{}")}, "rec")
	if err == nil || reply.Error.Code != envelope.Forbidden {
		t.Errorf("a fetch without the right gave %v", err)
	}
	if _, err := c.Call(ctx, &envelope.Request{Template: "example", Op: envelope.OpCount, Data: []byte("{}")}, "rec"); err != nil {
		t.Errorf("a count with the right gave %v", err)
	}
	if _, err := c.Call(ctx, &envelope.Request{Template: "mst_logger", Op: envelope.OpWrite, Data: []byte("{}")}, "rec"); !errors.Is(err, &envelope.Error{Code: envelope.Forbidden}) {
		t.Errorf("a client writes to an internal template: %v", err)
	}
	if _, err := c.Roundtrip(ctx, "rel.read.nothing", client.Publishing{Type: "fetch", MessageID: "m", Body: []byte("{}")}); err == nil {
		t.Error("the shared queue still takes every template of the family")
	}
	t.Cleanup(func() { in.deleteOwnQueues(t) })
}

// TestAtomicBatch: in MariaDB all take effect or none; FerretDB says that it cannot.
func TestAtomicBatch(t *testing.T) {
	in := newInstallation(t, "")
	in.start(t)
	orders := order.NewClient(in.dial(t))
	ctx := startContext(t)
	rec := func(n string) order.Record {
		return order.Record{Number: n, Customer: record.GUID{1}, Placed: record.Date{Year: 2026, Month: 1, Day: 1}, Total: "1.00"}
	}
	_, errs, err := orders.WriteAll(ctx, []order.Record{rec("A1"), rec("A1"), rec("A2")}, client.Atomic())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []envelope.Code{envelope.Aborted, envelope.Duplicate, envelope.Aborted} {
		if e, ok := errs[i].(*envelope.Error); !ok || e.Code != want {
			t.Errorf("operation %d: %v, want %s", i, errs[i], want)
		}
	}
	if n, err := orders.Count(ctx, client.Where()); n != 0 || err != nil {
		t.Errorf("%d records after an aborted batch, %v", n, err)
	}
	_, errs, err = orders.WriteAll(ctx, []order.Record{rec("A1"), rec("A2")}, client.Atomic())
	if err != nil || errs[0] != nil || errs[1] != nil {
		t.Error(err, errs)
	}
	if n, err := orders.Count(ctx, client.Where()); n != 2 || err != nil {
		t.Errorf("%d records after the batch, %v", n, err)
	}
}

// brokerUser is the account of the test broker.
func brokerUser(t *testing.T) string {
	t.Helper()
	u, err := url.Parse(address(t, "BEDS_TEST_AMQP_URL"))
	if err != nil {
		t.Fatal(err)
	}
	return u.User.Username()
}
