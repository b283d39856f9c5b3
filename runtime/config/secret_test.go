package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const canary = "canary-7f3a"

func TestSecretIsNeverPrinted(t *testing.T) {
	s := Secret(canary)
	holder := struct {
		Password Secret
		List     []Secret
		Pointer  *Secret
		Map      map[string]Secret
	}{s, []Secret{s}, &s, map[string]Secret{"k": s}}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%f", "%c", "%T"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", s, holder)
	}
	fmt.Fprintln(&out, s, &s, holder)
	b, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	var buf bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&buf, nil), slog.NewJSONHandler(&buf, nil)} {
		slog.New(h).Info("m", "password", s, "holder", holder)
	}
	out.Write(buf.Bytes())
	hexed := fmt.Sprintf("%x", canary)
	if text := out.String(); strings.Contains(text, canary) || strings.Contains(strings.ToLower(text), hexed) {
		t.Errorf("the secret is in\n%s", text)
	}
	if string(s) != canary {
		t.Error("the value itself is lost")
	}
}

func TestPasswordSources(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"file": " from-file \n", "other": "from-other\n", "empty": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	file, other := filepath.Join(dir, "file"), filepath.Join(dir, "other")
	tests := []struct {
		name      string
		base, own string
		vars      map[string]string
		want      string
		finding   string
	}{
		{name: "missing", finding: `env_dev.toml:1:1: [amqp] password: the password of RabbitMQ's user "guest" is missing; set BEDS_AMQP_PASSWORD, or`},
		{name: "own file", own: "password = \"p\"", want: "p"},
		{name: "empty on purpose", own: "password = \"\"", want: ""},
		{name: "password file", base: fmt.Sprintf("password_file = %q", file), want: "from-file"},
		{name: "later file replaces the earlier", base: fmt.Sprintf("password_file = %q", file), own: fmt.Sprintf("password_file = %q", other), want: "from-other"},
		{name: "password replaces an earlier file", base: fmt.Sprintf("password_file = %q", file), own: "password = \"p\"", want: "p"},
		{name: "file variable replaces a password", own: "password = \"p\"", vars: map[string]string{"BEDS__AMQP__PASSWORD_FILE": file}, want: "from-file"},
		{name: "variable", own: "password = \"p\"", vars: map[string]string{"BEDS__AMQP__PASSWORD": "v"}, want: "v"},
		{name: "short variable wins", own: "password = \"p\"", vars: map[string]string{"BEDS__AMQP__PASSWORD": "v", "BEDS_AMQP_PASSWORD": "w"}, want: "w"},
		{name: "empty variable is none", own: "password = \"p\"", vars: map[string]string{"BEDS_AMQP_PASSWORD": ""}, want: "p"},
		{name: "absent file", own: "password_file = \"none\"", finding: "env_dev.toml:2:1: [amqp] password_file: "},
		{name: "empty file", own: fmt.Sprintf("password_file = %q", filepath.Join(dir, "empty")), finding: "is empty; write the password into it"},
		{name: "a directory", own: fmt.Sprintf("password_file = %q", dir), finding: "it is a directory"},
		{name: "an integer", own: "password = 77345", finding: "[amqp] password: this is an integer; give a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			vars := map[string]string{"BEDS_AMQP_PASSWORD": ""}
			for k, v := range tt.vars {
				vars[k] = v
			}
			files := map[string]string{"beds.toml": minimal + "[amqp]\n" + tt.base + "\n"}
			if tt.own != "" {
				files["env_dev.toml"] = "[amqp]\n" + tt.own + "\n"
			}
			c, errs := tree{files: files, vars: vars}.load(t)
			if tt.finding != "" {
				if !strings.Contains(errs, tt.finding) || strings.Contains(errs, "77345") {
					t.Errorf("got\n%s\nwant\n%s", errs, tt.finding)
				}
				return
			}
			if errs != "" || string(c.AMQP.Password) != tt.want {
				t.Fatalf("findings %q; password is not %q", errs, tt.want)
			}
		})
	}
}

// A secret that stands at the wrong place must not be repeated either.
func TestFindingsRepeatNoSecret(t *testing.T) {
	texts := []string{
		"[amqp]\npasword = \"" + canary + "\"",
		"[amqp]\npassword = [\"" + canary + "\"]",
		"[amqp]\nheartbeat_s = \"" + canary + "\"",
		"[amqp]\nurls = [\"amqp://u:" + canary + "@host:1\"]",
		"[amqp]\nurls = [\"u:" + canary + "@host:1\"]",
		"[amqp]\nurls = [\"amqp://h:1\", \"amqp://u:" + canary + "@host:1%\"]",
		"[mongodb]\nuri = \"mongodb://u:" + canary + "@host\"",
		"[mongodb]\nuri = \"" + canary + "\"",
		"[amqp]\npassword = \"" + canary,
		"[amqp]\npassword = '''" + canary,
		"[amqp]\npassword = " + canary,
	}
	for _, text := range texts {
		_, errs := base(minimal + text + "\n").load(t)
		if errs == "" || strings.Contains(errs, canary) {
			t.Errorf("%s\ngives\n%s", text, errs)
		}
	}
	_, errs := tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__AMQP__URLS": "amqp://u:" + canary + "@h:1"}}.load(t)
	if errs == "" || strings.Contains(errs, canary) {
		t.Errorf("the variable gives\n%s", errs)
	}
}
