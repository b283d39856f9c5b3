package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/generated/example"
	"github.com/beds-project/beds/generated/order"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/command"
	"github.com/beds-project/beds/runtime/record"
)

// The node's accounts; in RabbitMQ it is the name in its certificate.
const (
	tlsUser     = "beds_tls_node"
	tlsPassword = "canary-5e7d"
)

// secured are servers of their own that speak TLS, with certificates made for them.
type secured struct {
	dir               string
	mine, stranger    *authority
	serverCert        string
	cert, key         string // the node's
	amqps, maria      string
	mongo, mongoTwice string // the second asks for the node's certificate
	admin             string
}

// startSecured starts RabbitMQ and MariaDB by the scripts, with certificates, and twice the
// document server. RabbitMQ and MariaDB verify a client's certificate where there is one.
func startSecured(t *testing.T) *secured {
	t.Helper()
	folder := t.TempDir()
	s := &secured{dir: filepath.Join(folder, "servers")}
	for _, sub := range []string{"mine", "stranger", "servers/rabbitmq/conf.d", "servers/mariadb"} {
		if err := os.MkdirAll(filepath.Join(folder, sub), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	s.mine, s.stranger = newAuthority(t, filepath.Join(folder, "mine"), "authority"), newAuthority(t, filepath.Join(folder, "stranger"), "authority")
	var serverKey string
	s.serverCert, serverKey = s.mine.issue(t, "server", time.Hour)
	s.cert, s.key = s.mine.issue(t, tlsUser, time.Hour)
	port := freePort(t)
	s.amqps = fmt.Sprintf("127.0.0.1:%d", port)
	s.write(t, "beds-servers", "")
	s.write(t, "rabbitmq/enabled_plugins", "[rabbitmq_auth_mechanism_ssl].\n")
	s.write(t, "rabbitmq/conf.d/tls.conf", fmt.Sprintf(`listeners.ssl.default = 127.0.0.1:%d
ssl_options.cacertfile = %s
ssl_options.certfile = %s
ssl_options.keyfile = %s
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
ssl_cert_login_from = common_name
auth_mechanisms.1 = PLAIN
auth_mechanisms.2 = EXTERNAL
`, port, s.mine.file, s.serverCert, serverKey))
	s.write(t, "mariadb/my.cnf", fmt.Sprintf("[mariadbd]\nssl-ca=%s\nssl-cert=%s\nssl-key=%s\n", s.mine.file, s.serverCert, serverKey))
	s.servers(t, "up")
	t.Cleanup(func() { s.servers(t, "down") })
	env := s.servers(t, "env")
	s.admin = variable(t, env, "BEDS_TEST_MARIADB_DSN")
	s.maria = regexp.MustCompile(`tcp\((.*)\)`).FindStringSubmatch(s.admin)[1]
	for _, args := range [][]string{{"add_user", tlsUser, tlsPassword}, {"set_permissions", "-p", "/dev", tlsUser, ".*", ".*", ".*"}} {
		s.servers(t, append([]string{"rabbitmqctl", "--dir", s.dir, "-q"}, args...)...)
	}
	s.mongo = s.document(t, serverKey)
	s.mongoTwice = s.document(t, serverKey, "-tls-ca", s.mine.file)
	return s
}

func (s *secured) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// servers runs scripts/servers on the set and returns what it prints.
func (s *secured) servers(t *testing.T, args ...string) string {
	t.Helper()
	if args[0] != "rabbitmqctl" {
		args = append(args, "--dir", s.dir)
	}
	cmd := exec.Command("../../scripts/servers", args...)
	cmd.Env = append(os.Environ(), "BEDS_TEST_AMQP_URL=", "BEDS_TEST_MARIADB_DSN=", "BEDS_TEST_MARIADB_ROOT_DSN=", "BEDS_TEST_MONGODB_URI=", "BEDS_SERVERS_DIR=")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("scripts/servers %v: %v\n%s%s", args, err, out, errs.String())
	}
	return string(out)
}

// document starts the document server with TLS and returns its address.
func (s *secured) document(t *testing.T, key string, more ...string) string {
	t.Helper()
	cmd := exec.Command(filepath.Join(s.dir, "bin", "devstack"), append([]string{"-listen", "127.0.0.1:0", "-state", t.TempDir(), "-tls-cert", s.serverCert, "-tls-key", key}, more...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.TrimSpace(line[strings.Index(line, "mongodb://"):]))
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func variable(t *testing.T, env, name string) string {
	t.Helper()
	m := regexp.MustCompile(name + `='(.*)'`).FindStringSubmatch(env)
	if m == nil {
		t.Fatalf("no %s in\n%s", name, env)
	}
	return m[1]
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// node writes a configuration. Its keys are those of the environment, NAME=value.
func (s *secured) node(t *testing.T, env string) *installation {
	t.Helper()
	in := &installation{dir: t.TempDir(), name: "tls", amqpURL: "amqps://" + s.amqps + "/%2Fdev?auth_mechanism=external"}
	in.write(t, "beds.toml", "wbid = \"ms\"\n")
	in.write(t, "env_"+env+".toml", fmt.Sprintf(`
[amqp]
urls = [%q]
user = %q
external = true
vhost = "/dev"
[amqp.tls]
enabled = true
ca_file = %q
cert_file = %q
key_file = %q
[mariadb]
address = %q
database = "beds_tls"
user = %q
password = %q
[mariadb.tls]
enabled = true
ca_file = %q
cert_file = %q
key_file = %q
[mongodb]
uri = "mongodb://%s/"
database = "beds_tls"
timeout_ms = 3000
[mongodb.tls]
enabled = true
ca_file = %q
cert_file = %q
key_file = %q
[deadlines]
startup_ms = 2500
`, s.amqps, tlsUser, s.mine.file, s.cert, s.key, s.maria, tlsUser, tlsPassword, s.mine.file, s.cert, s.key, s.mongoTwice, s.mine.file, s.cert, s.key))
	return in
}

// check runs beds check with changes of the configuration and returns its line about a server.
func (s *secured) check(t *testing.T, in *installation, env, server string, change map[string]string) string {
	t.Helper()
	for name, value := range change {
		t.Setenv("BEDS__"+name, value)
	}
	var out, errs bytes.Buffer
	command.Main("beds", generated.Registrations(), []string{"check", "-config", in.dir, "-env", env}, strings.NewReader(""), &out, &errs)
	for line := range strings.Lines(out.String()) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == server {
			return line
		}
	}
	return out.String() + errs.String()
}

// TestTLS speaks TLS with all three servers as an operator would set it up.
func TestTLS(t *testing.T) {
	s := startSecured(t)
	s.install(t)
	t.Run("requests", s.testRequests)
	t.Run("refusals", s.testRefusals)
	t.Run("prod", s.testProd)
}

// install brings the objects into both databases, over TLS too.
func (s *secured) install(t *testing.T) {
	t.Helper()
	in := s.node(t, "dev")
	t.Setenv("BEDS_MARIADB_ADMIN_DSN", s.admin)
	if code, out, errs := in.beds("", "sql", "install", "-dir", "../../sql", "-create-account"); code != 0 {
		t.Fatalf("sql install: %s%s", out, errs)
	}
}

// testRequests: a node with EXTERNAL login and mutual TLS serves both stores.
func (s *secured) testRequests(t *testing.T) {
	in := s.node(t, "dev")
	in.start(t)
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(s.mine.cert)
	c, err := client.Dial(startContext(t), client.Config{URLs: []string{in.amqpURL}, User: tlsUser, TLS: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	o, err := order.NewClient(c).Write(startContext(t), order.Record{Number: "T1", Customer: record.GUID{1}, Placed: record.Date{Year: 2026, Month: 1, Day: 1}, Total: "1.00"})
	if err != nil || o.Revision != 1 {
		t.Errorf("MariaDB: %+v, %v", o, err)
	}
	x, err := example.NewClient(c).Write(startContext(t), example.Record{Name: "T1", Email: "t@example.com"})
	if err != nil || x.Revision != 1 {
		t.Errorf("MongoDB: %+v, %v", x, err)
	}
}

// testRefusals: whoever cannot be verified is not spoken with, and the message says why.
func (s *secured) testRefusals(t *testing.T) {
	foreignCert, foreignKey := s.stranger.issue(t, tlsUser, time.Hour)
	oldCert, oldKey := s.mine.issue(t, "old", -time.Hour)
	for _, server := range []struct{ name, section string }{{"rabbitmq", "AMQP"}, {"mariadb", "MARIADB"}, {"mongodb", "MONGODB"}} {
		for _, tt := range []struct {
			name, want string
			change     map[string]string
		}{
			{"as it should be", "ok ", nil},
			{"another authority", "certificate signed by unknown authority", map[string]string{"CA_FILE": s.stranger.file}},
			{"another host name", "not other.example", map[string]string{"SERVER_NAME": "other.example"}},
			{"the name in the certificate", "ok ", map[string]string{"SERVER_NAME": "localhost"}},
			{"the node's certificate is another authority's", "FAIL", map[string]string{"CERT_FILE": foreignCert, "KEY_FILE": foreignKey}},
			{"the node's certificate has expired", "FAIL", map[string]string{"CERT_FILE": oldCert, "KEY_FILE": oldKey}},
			{"no TLS towards a server that wants it", "FAIL", map[string]string{"ENABLED": "false"}},
		} {
			if tt.change["ENABLED"] != "" && server.name != "mongodb" {
				continue // their accounts may use both
			}
			t.Run(server.name+"/"+tt.name, func(t *testing.T) {
				change := map[string]string{}
				for key, value := range tt.change {
					change[server.section+"__TLS__"+key] = value
				}
				got := s.check(t, s.node(t, "dev"), "dev", server.name, change)
				if !strings.Contains(got, tt.want) || strings.Contains(got, tlsPassword) {
					t.Errorf("want %q, got\n%s", tt.want, got)
				}
			})
		}
	}
	t.Run("no certificate towards a server that wants one", func(t *testing.T) {
		got := s.check(t, s.node(t, "dev"), "dev", "mongodb", map[string]string{"MONGODB__TLS__CERT_FILE": "", "MONGODB__TLS__KEY_FILE": ""})
		if !strings.Contains(got, "FAIL") {
			t.Error(got)
		}
	})
	t.Run("without a certificate of its own where none is asked for", func(t *testing.T) {
		got := s.check(t, s.node(t, "dev"), "dev", "mongodb", map[string]string{"MONGODB__URI": "mongodb://" + s.mongo, "MONGODB__TLS__CERT_FILE": "", "MONGODB__TLS__KEY_FILE": ""})
		if !strings.Contains(got, "lacks what the node was built for") { // it was reached, and nobody has installed anything there
			t.Error(got)
		}
	})
	t.Run("a password instead of the certificate", func(t *testing.T) {
		got := s.check(t, s.node(t, "dev"), "dev", "rabbitmq", map[string]string{"AMQP__EXTERNAL": "false", "AMQP__PASSWORD": tlsPassword, "AMQP__TLS__CERT_FILE": "", "AMQP__TLS__KEY_FILE": ""})
		if !strings.Contains(got, "ok ") {
			t.Error(got)
		}
	})
	t.Run("a certificate whose name RabbitMQ does not know", func(t *testing.T) {
		cert, key := s.mine.issue(t, "nobody", time.Hour)
		got := s.check(t, s.node(t, "dev"), "dev", "rabbitmq", map[string]string{"AMQP__TLS__CERT_FILE": cert, "AMQP__TLS__KEY_FILE": key,
			"DEADLINES__STARTUP_MS": "30000"}) // RabbitMQ takes its time for a refusal
		if !strings.Contains(got, "FAIL") || !strings.Contains(got, "refused") {
			t.Error(got)
		}
	})
	t.Run("the server's certificate has expired", s.testExpired)
}

// testExpired gives MariaDB and RabbitMQ a certificate of yesterday while they run.
func (s *secured) testExpired(t *testing.T) {
	s.mine.issue(t, "server", -time.Hour)
	defer s.reload(t)
	defer s.mine.issue(t, "server", time.Hour) // the files are written in place
	s.reload(t)
	for _, server := range []string{"rabbitmq", "mariadb"} {
		if got := s.check(t, s.node(t, "dev"), "dev", server, nil); !strings.Contains(got, "expired") {
			t.Errorf("want a refusal that says expired, got\n%s", got)
		}
	}
}

// reload makes both servers read their certificates again.
func (s *secured) reload(t *testing.T) {
	t.Helper()
	s.servers(t, "rabbitmqctl", "--dir", s.dir, "-q", "eval", "ssl:clear_pem_cache().")
	db, err := sql.Open("mysql", s.admin)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(startContext(t), "FLUSH SSL"); err != nil {
		t.Fatal(err)
	}
}

// testProd: prod takes what is verified and nothing else.
func (s *secured) testProd(t *testing.T) {
	in := s.node(t, "prod")
	without := map[string]string{"MONGODB__ENABLED": "false", "STORES__REC": "mariadb"} // FerretDB enforces too little for prod
	for _, server := range []string{"rabbitmq", "mariadb"} {
		if got := s.check(t, in, "prod", server, without); !strings.Contains(got, "ok ") {
			t.Error(got)
		}
	}
	got := s.check(t, in, "prod", "", map[string]string{"AMQP__TLS__ENABLED": "false", "MARIADB__TLS__ENABLED": "false"})
	for _, want := range []string{"prod refuses to speak with RabbitMQ unencrypted", "prod refuses to speak with MariaDB unencrypted"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
}
