package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/store/maria"
	"github.com/beds-project/beds/runtime/store/maria/install"
	"github.com/beds-project/beds/runtime/store/mongo"
	"github.com/go-sql-driver/mysql"
)

// address reads the address of a test server from the environment.
func address(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run make test, or scripts/with-servers go test ./...", name)
	}
	return v
}

// scratch is a database name of this test alone.
func scratch() string {
	id := runtime.GUID(lineage.NewV7()).String()
	return "beds_test_" + strings.ReplaceAll(id[24:], "-", "")
}

func startContext(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func prepare(t testing.TB) []*runtime.Template {
	t.Helper()
	var templates []*runtime.Template
	for _, r := range generated.Registrations() {
		if err := runtime.Prepare(r.Template); err != nil {
			t.Fatal(err)
		}
		templates = append(templates, r.Template)
	}
	return templates
}

// mongoStore is an open store with what a node needs to reach it.
type mongoStore struct {
	*mongo.Store
	uri, database string
}

func openMongo(t testing.TB) *mongoStore {
	t.Helper()
	ctx := startContext(t)
	in := &mongoStore{uri: address(t, "BEDS_TEST_MONGODB_URI"), database: scratch()}
	s, err := mongo.Open(ctx, mongo.Config{URI: in.uri, Database: in.database, MaxConns: 8, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if _, err := s.Install(ctx, os.DirFS("../../sql")); err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(ctx, prepare(t)); err != nil {
		t.Fatal(err)
	}
	in.Store = s
	return in
}

// testPassword is that of the accounts that the tests make.
const testPassword = "node of the tests"

// mariaStore is an open store with what a node needs to reach it.
type mariaStore struct {
	*maria.Store
	address, database, user string
}

// openMaria installs with the privileged account of the test server and opens the
// store with an account that may only execute.
func openMaria(t testing.TB) *mariaStore {
	t.Helper()
	ctx := startContext(t)
	admin, err := mysql.ParseDSN(address(t, "BEDS_TEST_MARIADB_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	admin.DBName = scratch()
	report, err := install.Apply(ctx, admin, os.DirFS("../../sql"), install.Options{CreateDatabase: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range report.Warnings {
		t.Error(w)
	}
	user := admin.DBName
	if err := install.Account(ctx, admin, user, testPassword); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dropDatabase(t, admin, user) })
	s, err := maria.Open(ctx, maria.Config{Address: admin.Addr, Database: admin.DBName, User: user, Password: testPassword,
		MaxConns: 8, StatementTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	if err := s.VerifyPrivileges(ctx); err != nil {
		t.Error(err)
	}
	if err := s.Verify(ctx, prepare(t)); err != nil {
		t.Fatal(err)
	}
	return &mariaStore{s, admin.Addr, admin.DBName, user}
}

func dropDatabase(t testing.TB, admin *mysql.Config, user string) {
	db, err := sql.Open("mysql", admin.FormatDSN())
	if err != nil {
		t.Error(err)
		return
	}
	defer db.Close()
	for _, statement := range []string{"DROP DATABASE `" + admin.DBName + "`", "DROP USER '" + user + "'@'%'"} {
		if _, err := db.Exec(statement); err != nil {
			t.Error(err)
		}
	}
}

// openStores opens every store in a fresh database with the committed sql/ installed.
func openStores(t testing.TB) []runtime.Store {
	return []runtime.Store{openMongo(t), openMaria(t)}
}

func splitResults(t *testing.T, data []byte) []string {
	t.Helper()
	parts := strings.Split(string(data), `},{"status"`)
	for i := 1; i < len(parts); i++ {
		parts[i] = `{"status"` + parts[i]
	}
	if len(parts) == 0 {
		t.Fatal(fmt.Errorf("no results"))
	}
	return parts
}
