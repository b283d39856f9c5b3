package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// hardened is a configuration that prod accepts.
const hardened = `
[amqp]
user = "beds"
[amqp.tls]
enabled = true
[mariadb]
user = "beds_node"
[mariadb.tls]
enabled = true
[mongodb]
user = "beds"
[mongodb.tls]
enabled = true
`

func prod(own string) tree {
	return tree{env: "prod", files: map[string]string{"beds.toml": minimal, "env_prod.toml": own}}
}

func TestProdAcceptsTheHardened(t *testing.T) {
	if c := prod(hardened).mustLoad(t); !c.Env.IsProd() || c.AMQP.QueueTag != "prod_" {
		t.Errorf("got %s, %s", c.Env, c.AMQP.QueueTag)
	}
}

func TestProdRefuses(t *testing.T) {
	tests := []struct {
		name, old, replacement, want string
		vars                         map[string]string
	}{
		{name: "guest", old: "user = \"beds\"\n[amqp.tls]", replacement: "user = \"guest\"\n[amqp.tls]", want: `env_prod.toml:3:1: [amqp] user: prod refuses RabbitMQ's user "guest"`},
		{name: "root", old: "beds_node", replacement: "root", want: `[mariadb] user: prod refuses MariaDB's user "root"`},
		{name: "mongodb without a user", old: "[mongodb]\nuser = \"beds\"", replacement: "[mongodb]\nuser = \"\"", want: "[mongodb] user: prod refuses MongoDB without authentication"},
		{name: "amqp without TLS", old: "[amqp.tls]\nenabled = true", replacement: "[amqp.tls]\nenabled = false", want: "env_prod.toml:5:1: [amqp.tls] enabled: prod refuses to speak with RabbitMQ unencrypted"},
		{name: "mariadb without TLS", old: "[mariadb.tls]\nenabled = true", want: "[mariadb.tls] enabled: prod refuses to speak with MariaDB unencrypted"},
		{name: "a socket needs no TLS", old: "user = \"beds_node\"\n[mariadb.tls]\nenabled = true", replacement: "user = \"beds_node\"\naddress = \"unix:/run/m.sock\""},
		{name: "but its replica does", old: "user = \"beds_node\"\n[mariadb.tls]\nenabled = true", replacement: "user = \"beds_node\"\naddress = \"unix:/run/m.sock\"\nsecondary.address = \"h:1\"", want: "[mariadb.tls] enabled"},
		{name: "a store that is off needs nothing", old: "[mongodb]\nuser = \"beds\"\n[mongodb.tls]\nenabled = true", replacement: "[mongodb]\nenabled = false\n[stores]\nrec = \"mariadb\""},
		{name: "unverified TLS in the uri", old: "[mongodb]\n", replacement: "[mongodb]\nuri = \"mongodb://h/?tlsAllowInvalidCertificates=true\"\n", want: "take the TLS options out of the address"},
		{name: "empty password", old: "[amqp]\n", replacement: "[amqp]\npassword = \"\"\n", vars: map[string]string{"BEDS_AMQP_PASSWORD": ""}, want: "env_prod.toml:3:1: [amqp] password: prod refuses an empty password"},
		{name: "missing password", vars: map[string]string{"BEDS_MARIADB_PASSWORD": ""}, want: "[mariadb] password: the password of MariaDB's user \"beds_node\" is missing"},
		{name: "plain amqp address", old: "[amqp]\n", replacement: "[amqp]\nurls = [\"amqp://h:1\"]\n", want: "amqp:// contradicts enabled = true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(hardened, tt.old) {
				t.Fatalf("hardened has no %q", tt.old)
			}
			tr := prod(strings.Replace(hardened, tt.old, tt.replacement, 1))
			tr.vars = tt.vars
			_, errs := tr.load(t)
			if tt.want == "" && errs != "" || !strings.Contains(errs, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", errs, tt.want)
			}
			if strings.Count(errs, "\n") > 0 {
				t.Errorf("one mistake gives several findings:\n%s", errs)
			}
		})
	}
}

func TestProdRefusesFilesOpenToOthers(t *testing.T) {
	certificate, key := selfSigned(t)
	tr := tree{
		env: "prod",
		files: map[string]string{
			"beds.toml":     minimal,
			"env_prod.toml": strings.Replace(hardened, "[amqp.tls]", "password_file = \"amqp.pass\"\n[amqp.tls]\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"", 1) + "[mariadb.secondary]\n",
			"amqp.pass":     "secret\n", "c.pem": certificate, "k.pem": key,
		},
		vars: map[string]string{"BEDS_AMQP_PASSWORD": ""},
	}
	dir := tr.write(t)
	if _, errs := tr.loadFrom(t, dir); errs != "" {
		t.Fatalf("closed files give\n%s", errs)
	}
	for name, want := range map[string]string{
		"amqp.pass": "[amqp] password_file: others can read the secret file",
		"k.pem":     "[amqp.tls] key_file: others can read the secret file",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, name)
			chmod(t, path, 0o640)
			_, errs := tr.loadFrom(t, dir)
			if !strings.Contains(errs, want) || !strings.Contains(errs, "(mode 0640); run: chmod 600 ") {
				t.Errorf("got\n%s\nwant\n%s", errs, want)
			}
			chmod(t, path, 0o600)
		})
	}
	t.Run("systemd's credentials", func(t *testing.T) {
		path := filepath.Join(dir, "amqp.pass")
		chmod(t, path, 0o440)
		t.Setenv("CREDENTIALS_DIRECTORY", dir)
		if _, errs := tr.loadFrom(t, dir); errs != "" {
			t.Errorf("got\n%s", errs)
		}
	})
}

func TestProdRefusesItsOwnFileOpenToOthers(t *testing.T) {
	tr := prod(strings.Replace(hardened, "[amqp]\n", "[amqp]\npassword = \"x\"\n", 1))
	tr.vars = map[string]string{"BEDS_AMQP_PASSWORD": ""}
	dir := tr.write(t)
	chmod(t, filepath.Join(dir, "env_prod.toml"), 0o644)
	if _, errs := tr.loadFrom(t, dir); !strings.Contains(errs, "env_prod.toml:3:1: [amqp] password: others can read the secret file") {
		t.Errorf("got\n%s", errs)
	}
}

// TestExternalLogin: a certificate takes the password's place, and nothing else does.
func TestExternalLogin(t *testing.T) {
	certificate, key := selfSigned(t)
	for own, want := range map[string]string{
		"external = true\n[amqp.tls]\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"":                   "",
		"external = true\npassword = \"x\"\n[amqp.tls]\ncert_file = \"c.pem\"\nkey_file = \"k.pem\"": "take the password away, or external",
		"external = true\n[amqp.tls]": "the login is by certificate, and there is none",
	} {
		tr := prod(strings.Replace(hardened, "[amqp.tls]", own, 1))
		tr.files["c.pem"], tr.files["k.pem"] = certificate, key
		tr.vars = map[string]string{"BEDS_AMQP_PASSWORD": ""}
		if _, errs := tr.load(t); want == "" && errs != "" || !strings.Contains(errs, want) {
			t.Errorf("%s\ngives\n%s\nwant\n%s", own, errs, want)
		}
	}
}

func TestTLSClient(t *testing.T) {
	certificate, key := selfSigned(t)
	dir := tree{files: map[string]string{"c.pem": certificate, "k.pem": key, "bad.pem": "x"}}.write(t)
	in := func(name string) string { return filepath.Join(dir, name) }
	if c, err := (TLS{}).Client("h"); c != nil || err != nil {
		t.Errorf("TLS off gives %v, %v", c, err)
	}
	c, err := TLS{Enabled: true, CAFile: in("c.pem"), CertFile: in("c.pem"), KeyFile: in("k.pem")}.Client("h")
	if err != nil || c.ServerName != "h" || c.RootCAs == nil || len(c.Certificates) != 1 || c.InsecureSkipVerify {
		t.Errorf("got %+v, %v", c, err)
	}
	if c, _ := (TLS{Enabled: true, ServerName: "n"}).Client("h"); c.ServerName != "n" {
		t.Errorf("server_name gives %q", c.ServerName)
	}
	for _, bad := range []TLS{{CAFile: in("bad.pem")}, {CAFile: in("none")}, {CertFile: in("bad.pem"), KeyFile: in("k.pem")}} {
		bad.Enabled = true
		if _, err := bad.Client("h"); err == nil {
			t.Errorf("%+v is accepted", bad)
		}
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

// selfSigned returns a certificate and its key as PEM.
func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}
