package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/store/mongo"
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

func openMongo(t testing.TB) *mongo.Store {
	t.Helper()
	ctx := startContext(t)
	s, err := mongo.Open(ctx, mongo.Config{URI: address(t, "BEDS_TEST_MONGODB_URI"), Database: scratch(), MaxConns: 8, Timeout: 20 * time.Second})
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
	return s
}

// openStores opens every store in a fresh database with the committed sql/ installed.
func openStores(t testing.TB) []runtime.Store {
	return []runtime.Store{openMongo(t)}
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
