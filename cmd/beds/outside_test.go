package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// An outside is a module of somebody else: made by bedsgen init in a folder outside
// this repository, with templates that BEDS' developers have not seen, its own
// binary, databases and node.
type outside struct {
	*installation
	module string // its folder
}

// newOutside makes the module from templates (file name without suffix → text),
// builds it, and installs its objects in databases of its own, all by command line.
func newOutside(t *testing.T, templates map[string]string) *outside {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" -trimpath") // the folder's name keeps nothing from the build cache
	dir := t.TempDir()
	bedsgen := filepath.Join(dir, "bedsgen")
	execute(t, root, "go", "build", "-o", bedsgen, "./cmd/bedsgen")
	out := &outside{&installation{dir: filepath.Join(dir, "shop", "config"), name: scratch(), amqpURL: address(t, "BEDS_TEST_AMQP_URL")}, filepath.Join(dir, "shop")}
	execute(t, dir, bedsgen, "init", "-C", out.module, "-beds", root, "-no-tidy", "example.com/shop")
	for name, text := range templates {
		out.put(t, "recs/"+name+"_rec.toml", text)
	}
	out.require(t, root)
	execute(t, out.module, bedsgen, "generate")
	execute(t, out.module, "go", "build", "-o", "bin/beds", "./cmd/beds")
	out.configure(t)
	t.Setenv("BEDS_MARIADB_ADMIN_DSN", address(t, "BEDS_TEST_MARIADB_DSN"))
	for range 2 { // the second time changes nothing and warns of nothing
		if said := out.run(t, "sql", "install", "-create-account"); strings.Contains(said, "Warning") || strings.Contains(said, "Note ") {
			t.Error(said)
		}
	}
	out.run(t, "check")
	return out
}

// require does what go mod tidy does, without a look at the world outside.
func (o *outside) require(t *testing.T, root string) {
	t.Helper()
	for _, name := range []string{"go.sum", "go.mod"} {
		b, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			own, err := os.ReadFile(filepath.Join(o.module, name))
			if err != nil {
				t.Fatal(err)
			}
			_, requirements, _ := strings.Cut(string(b), "require (")
			b = []byte(string(own) + "\nrequire (" + requirements)
		}
		o.put(t, name, string(b))
	}
}

func (o *outside) put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(o.module, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// configure writes env_dev.toml beside the beds.toml of bedsgen init, as an operator would.
func (o *outside) configure(t *testing.T) {
	t.Helper()
	admin, err := mysql.ParseDSN(address(t, "BEDS_TEST_MARIADB_DSN"))
	if err != nil {
		t.Fatal(err)
	}
	uri := address(t, "BEDS_TEST_MONGODB_URI")
	u, err := url.Parse(o.amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	o.installation.write(t, "env_dev.toml", o.brokerConfig(u)+fmt.Sprintf(`
[mariadb]
address = %q
database = %q
user = %q
password = %q
[mongodb]
uri = %q
database = %q
`, admin.Addr, o.name, o.name, testPassword, uri, o.name))
	admin.DBName = o.name
	t.Cleanup(func() {
		o.deleteQueues(t)
		dropDatabase(t, admin, o.name)
		dropDocuments(t, uri, o.name)
	})
}

func dropDocuments(t *testing.T, uri, database string) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := mongo.Connect(options.Client().ApplyURI(uri))
	if err == nil {
		err = c.Database(database).Drop(ctx)
	}
	if err == nil {
		err = c.Disconnect(ctx)
	}
	if err != nil {
		t.Error(err)
	}
}

// run is a command of the module's own binary.
func (o *outside) run(t *testing.T, args ...string) string {
	t.Helper()
	return execute(t, o.module, filepath.Join(o.module, "bin", "beds"), args...)
}

func execute(t *testing.T, dir, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", filepath.Base(program), strings.Join(args, " "), err, said)
	}
	return string(said)
}

// start runs the module's node until the test ends: SIGTERM, and a clean exit.
func (o *outside) start(t *testing.T) {
	t.Helper()
	console := new(logBuffer)
	cmd := exec.Command(filepath.Join(o.module, "bin", "beds"), "run")
	cmd.Dir, cmd.Stdout, cmd.Stderr = o.module, console, console
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil || t.Failed() {
			t.Errorf("the node ended with %v\n%s", err, console)
		}
	})
	eventually(t, "readiness of the node", func() bool {
		if strings.Contains(console.String(), " ready ") {
			return true
		}
		select {
		case err := <-done:
			done <- err
			t.Fatalf("the node ended: %v\n%s", err, console)
		default:
		}
		return false
	})
}
