package maria_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/beds-project/beds/gen/emit"
	emitsql "github.com/beds-project/beds/gen/emit/sql"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/store/maria"
	"github.com/beds-project/beds/runtime/store/maria/install"
	"github.com/go-sql-driver/mysql"
)

// These tests need the real server; nothing else runs our kind of SQL.
const needServer = "BEDS_TEST_MARIADB_DSN is not set: run `make test`, or `scripts/with-servers go test ./...`"

const nodePassword = "node-password-of-the-tests"

// A database is a schema of its own on the test server, with the templates of
// testdata installed and an account that may execute and nothing else.
type database struct {
	name  string
	root  *sql.DB
	admin *mysql.Config
	node  maria.Config
	store *maria.Store

	kitchen, entry, parcel, locker *runtime.Template
}

func adminConfig(t testing.TB) *mysql.Config {
	t.Helper()
	dsn := os.Getenv("BEDS_TEST_MARIADB_DSN")
	if dsn == "" {
		t.Fatal(needServer)
	}
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("BEDS_TEST_MARIADB_DSN: %v", err)
	}
	return c
}

// loadSet loads and checks templates.
func loadSet(t testing.TB, patterns ...string) *model.Set {
	t.Helper()
	var paths []string
	for _, p := range patterns {
		found, err := filepath.Glob(p)
		if err != nil || len(found) == 0 {
			t.Fatalf("no template matches %s: %v", p, err)
		}
		paths = append(paths, found...)
	}
	r, err := load.Files(paths)
	if err != nil {
		t.Fatal(err)
	}
	if r.Set == nil {
		t.Fatalf("findings: %v", r.Findings)
	}
	return r.Set
}

// folder is the sql folder of emitted files.
func folder(files []emit.File) fstest.MapFS {
	fs := make(fstest.MapFS)
	for _, f := range files {
		fs[f.Path[len("sql/"):]] = &fstest.MapFile{Data: f.Content}
	}
	return fs
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	ctx := context.Background()
	d := &database{name: fmt.Sprintf("beds_test_%d_%d", os.Getpid(), time.Now().UnixNano()), admin: adminConfig(t)}
	d.admin.DBName = d.name
	root, err := sql.Open("mysql", d.admin.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	d.root = root
	// Before anything can fail: what is left behind fills a shared test server.
	t.Cleanup(func() {
		d.exec(t, "DROP DATABASE IF EXISTS `"+d.name+"`")
		_ = root.Close()
	})
	set := loadSet(t, "testdata/*_rec.toml")
	if _, err := install.Apply(ctx, d.admin, folder(emitsql.Files(set)), install.Options{CreateDatabase: true}); err != nil {
		t.Fatal(err)
	}
	// The records of tests are older than a TTL allows; TestAge turns its event on again.
	for _, event := range d.texts(t, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?", d.name) {
		d.exec(t, "ALTER EVENT `"+event+"` DISABLE")
	}
	user := fmt.Sprintf("bt%d_%d", os.Getpid(), time.Now().UnixNano()%1e9)
	t.Cleanup(func() { d.exec(t, "DROP USER IF EXISTS `"+user+"`@`%`") })
	d.exec(t, "CREATE USER `"+user+"`@`%` IDENTIFIED BY '"+nodePassword+"'")
	d.exec(t, "GRANT `beds_executor` TO `"+user+"`@`%`")
	d.exec(t, "SET DEFAULT ROLE `beds_executor` FOR `"+user+"`@`%`")
	d.node = maria.Config{Address: d.admin.Addr, Database: d.name, User: user, Password: nodePassword, MaxConns: 16}
	d.store, err = maria.Open(ctx, d.node)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.store.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for _, m := range set.Templates {
		rt := toRuntime(m)
		if err := runtime.Prepare(rt); err != nil {
			t.Fatal(err)
		}
		switch m.Name {
		case "kitchen":
			d.kitchen = rt
		case "log":
			d.entry = rt
		case "parcel":
			d.parcel = rt
		case "locker":
			d.locker = rt
		}
	}
	return d
}

func (d *database) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := d.root.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (d *database) number(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	if err := d.root.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// toRuntime is what generated code declares as data.
func toRuntime(m *model.Template) *runtime.Template {
	t := &runtime.Template{
		Name: m.Name, Class: m.Class, Collection: m.Collection, Family: runtime.Family(m.Family), Version: m.Version, Fingerprint: m.Fingerprint,
		Behaviour: runtime.Behaviour{
			Updates: m.Behaviour.Updates, Locking: m.Behaviour.Locking, AdHoc: m.Behaviour.AdHoc,
			MaxBatch: m.Behaviour.MaxBatch, MaxLimit: m.Behaviour.MaxLimit,
			Deletes: map[model.Deletes]runtime.Deletes{model.DeletesSoft: runtime.DeletesSoft, model.DeletesHard: runtime.DeletesHard}[m.Behaviour.Deletes],
		},
	}
	for _, f := range m.Fields {
		t.Fields = append(t.Fields, runtime.Field{Name: f.Name, Public: f.Public, Type: toType(&f.Type), Required: f.Required, Secret: f.Secret})
	}
	for _, ix := range m.Indexes {
		t.Indexes = append(t.Indexes, runtime.Index{Name: ix.Name, Keys: toKeys(ix.Keys), Unique: ix.Unique, Where: toConditions(ix.Where, nil), TTL: ix.TTL})
	}
	for _, q := range m.Queries {
		rq := runtime.Query{Name: q.Name, Where: toConditions(q.Where, q.Params), Sort: toKeys(q.Sort), Limit: q.Limit}
		for _, p := range q.Params {
			rq.Params = append(rq.Params, runtime.Param{Name: p.Name, Type: toType(&p.Type)})
		}
		t.Queries = append(t.Queries, rq)
	}
	return t
}

var toKind = map[model.Kind]runtime.Kind{
	model.String: runtime.String, model.Text: runtime.Text, model.Integer: runtime.Integer, model.Float: runtime.Float,
	model.Decimal: runtime.Decimal, model.Boolean: runtime.Boolean, model.Timestamp: runtime.Timestamp, model.Date: runtime.Date,
	model.GUID: runtime.GUIDKind, model.Enum: runtime.Enum, model.Binary: runtime.Binary, model.Object: runtime.Object, model.Array: runtime.Array,
}

func toType(t *model.Type) runtime.Type {
	rt := runtime.Type{Kind: toKind[t.Kind], Max: t.Max, Precision: t.Precision, Scale: t.Scale, Values: t.Values}
	if t.Elem != nil {
		e := toType(t.Elem)
		rt.Elem = &e
	}
	return rt
}

func toKeys(keys []model.Key) []runtime.Key {
	var out []runtime.Key
	for _, k := range keys {
		out = append(out, runtime.Key{Field: k.Field.Index, Desc: k.Desc})
	}
	return out
}

func toConditions(list []model.Condition, params []*model.Param) []runtime.Condition {
	ops := map[model.Op]runtime.Op{
		model.OpEq: runtime.Eq, model.OpNe: runtime.Ne, model.OpGt: runtime.Gt, model.OpGte: runtime.Gte,
		model.OpLt: runtime.Lt, model.OpLte: runtime.Lte, model.OpIn: runtime.In, model.OpPrefix: runtime.Prefix,
	}
	var out []runtime.Condition
	for _, c := range list {
		rc := runtime.Condition{Field: c.Field.Index, Op: ops[c.Op]}
		for i, p := range params {
			if p == c.Param {
				rc.Param = i + 1
			}
		}
		for _, v := range c.Values {
			rc.Values = append(rc.Values, v.Text)
		}
		out = append(out, rc)
	}
	return out
}

// texts reads one column.
func (d *database) texts(t testing.TB, query string, args ...any) []string {
	t.Helper()
	rows, err := d.root.Query(query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}
