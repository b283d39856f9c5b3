package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// FuzzLoad feeds any bytes as the committed file: no panic, every finding at a
// place within the file, on a line of its own, and without a planted secret.
func FuzzLoad(f *testing.F) {
	if data, err := os.ReadFile(filepath.Join(committed, "beds.toml")); err == nil {
		f.Add(data)
	}
	for _, seed := range []string{
		"", minimal, "wbid = 1", "[amqp", "[[amqp]]\na = 1", "[amqp]\nurls = [1, [2], {a = 3}]", "a.b.c = 1\na.b = 2",
		minimal + "[templates.x.access]\nfetch = [\"\"]\n", "\"\" = 1", "\"a.b\".c = { d = { e = 1 } }", "amqp = 1979-05-27",
		minimal + "[amqp]\npassword_file = \"\\u0000\"\n", "[amqp.tls]\nenabled = true\nca_file = \".\"", "\xef\xbb\xbfwbid = \"ms\"", "x = \"\xff\"",
		"[mongodb]\nuri = \"mongodb://%zz?x;y\"\n", "[amqp]\nurls = [\"amqp://[::1\", \"amqp://h:99999\"]",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "beds.toml"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		vars := func(name string) (string, bool) { v, ok := passwords[name]; return v, ok }
		c, err := Load(Options{Dir: dir, Environ: vars, Names: []string{}})
		if err == nil {
			_ = c.Redacted()
			return
		}
		var errs Errors
		if !errors.As(err, &errs) {
			t.Fatalf("the error is a %T", err)
		}
		for _, finding := range errs {
			checkFinding(t, finding, data)
		}
	})
}

func checkFinding(t *testing.T, f Finding, data []byte) {
	t.Helper()
	if f.File == "" || f.Message == "" {
		t.Errorf("unfit finding %+v", f)
	}
	lines := strings.Count(string(data), "\n") + 1
	if strings.HasSuffix(f.File, "beds.toml") && (f.Line < 1 || f.Line > lines || f.Column < 1) && len(data) <= maxFileBytes {
		t.Errorf("%+v is at no place of the file's %d lines", f, lines)
	}
	for _, r := range f.Error() {
		if !unicode.IsPrint(r) {
			t.Errorf("%q holds %q, which could forge a line", f.Error(), r)
		}
	}
}
