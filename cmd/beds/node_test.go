package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.uber.org/goleak"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/command"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/node"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An installation is one node's configuration with databases, exchange and queues
// of its own.
type installation struct {
	dir, name string
	amqpURL   string
	database  string // in MariaDB
}

// install makes databases and configuration; extra is added to env_dev.toml.
func newInstallation(t testing.TB, extra string) *installation {
	t.Helper()
	m, g := openMaria(t), openMongo(t)
	in := &installation{dir: t.TempDir(), name: scratch(), amqpURL: address(t, "BEDS_TEST_AMQP_URL"), database: m.database}
	u, err := url.Parse(in.amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	text := in.brokerConfig(u) + fmt.Sprintf(`
[mariadb]
enabled = true
address = %q
database = %q
user = %q
password = %q
[mongodb]
enabled = true
uri = %q
database = %q
`, m.address, m.database, m.user, testPassword, g.uri, g.database)
	in.write(t, "beds.toml", `wbid = "ms"`)
	in.write(t, "env_dev.toml", text+extra)
	t.Cleanup(func() { in.deleteQueues(t) })
	return in
}

// brokerConfig has an exchange and queues of this installation alone, and the tables
// that every test node shares.
func (in *installation) brokerConfig(u *url.URL) string {
	password, _ := u.User.Password()
	vhost := strings.TrimPrefix(u.Path, "/")
	if vhost == "" {
		vhost = "/"
	}
	return fmt.Sprintf(`
[log]
console = true
collection = true
[amqp]
urls = [%q]
user = %q
password = %q
vhost = %q
exchange = %q
dlx = %q
queue_tag = %q
retry_delays_ms = [100, 200]
[broker_services]
roles = ["app_server", "admin"]
[broker_services.app_server.instances]
m_broker = 1
`, u.Host, u.User.Username(), password, vhost, in.name, in.name+".dlx", in.name+"_")
}

func (in *installation) write(t testing.TB, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(in.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// deleteQueues removes what the node declared on the shared broker.
func (in *installation) deleteQueues(t testing.TB) {
	conn, err := amqp.Dial(in.amqpURL)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Error(err)
		return
	}
	for _, key := range []string{"rec.read", "rec.write", "rec.obj", "rel.read", "rel.write", "rel.obj", "log"} {
		for _, suffix := range []string{"", ".retry", ".retry.1", ".dlq"} {
			if _, err := ch.QueueDelete(in.name+"_"+key+suffix, false, false, false); err != nil {
				t.Error(err)
			}
		}
	}
	for _, exchange := range []string{in.name, in.name + ".dlx"} {
		if err := ch.ExchangeDelete(exchange, false, false); err != nil {
			t.Error(err)
		}
	}
}

// logBuffer collects the console; the node writes it from many goroutines.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// config is that of a node.
func (in *installation) config(t testing.TB) *config.Config {
	t.Helper()
	cfg, err := config.Load(config.Options{Dir: in.dir, Env: "dev", Environ: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// start runs a node until the test ends and waits until it is ready.
func (in *installation) start(t testing.TB) *logBuffer { return in.startNode(t, in.config(t)) }

func (in *installation) startNode(t testing.TB, cfg *config.Config) *logBuffer {
	t.Helper()
	console := new(logBuffer)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- node.Run(ctx, node.Options{Config: cfg, Registrations: generated.Registrations(), Console: console, Version: "test"})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the node ended with %v", err)
		}
		if t.Failed() {
			t.Log(console.String())
		}
	})
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(console.String(), " ready "); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-done:
			done <- err
			t.Fatalf("the node ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("not ready after 30 s:\n%s", console)
		}
	}
	return console
}

func (in *installation) dial(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.Dial(startContext(t), client.Config{URLs: []string{in.amqpURL}, Exchange: in.name, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// beds runs the command line against the installation.
func (in *installation) beds(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	full := append([]string{args[0], "-config", in.dir, "-env", "dev"}, args[1:]...)
	code = command.Main("beds", generated.Registrations(), full, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// raw publishes a message with a reply queue of its own and waits for the reply.
func (in *installation) raw(t testing.TB, key string, p amqp.Publishing) string {
	t.Helper()
	conn, err := amqp.Dial(in.amqpURL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	replies, err := ch.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.ReplyTo = "amq.rabbitmq.reply-to"
	if err := ch.PublishWithContext(context.Background(), in.name, key, true, false, p); err != nil {
		t.Fatal(err)
	}
	select {
	case d := <-replies:
		return string(d.Body)
	case <-time.After(20 * time.Second):
		t.Fatalf("no reply to %s", key)
		return ""
	}
}

// deleteOwnQueues removes the queues of a template that has its own.
func (in *installation) deleteOwnQueues(t testing.TB) {
	conn, err := amqp.Dial(in.amqpURL)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	ch, err := conn.Channel()
	if err != nil {
		t.Error(err)
		return
	}
	for _, kind := range []string{"read", "write", "obj"} {
		for _, suffix := range []string{"", ".retry", ".retry.1", ".dlq"} {
			if _, err := ch.QueueDelete(in.name+"_rel."+kind+".order"+suffix, false, false, false); err != nil {
				t.Error(err)
			}
		}
	}
}
