package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/beds-project/beds/gen/load"
)

func TestTemplatesOfTheRepositoryAreFine(t *testing.T) {
	result, err := load.Dir("../../recs")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Error(f)
	}
	if result.Set == nil || len(result.Set.Templates) < 3 {
		t.Fatal("fewer templates than there are files")
	}
}

// What is no template is named, and never waited for.
func TestWhatIsNoFile(t *testing.T) {
	for want, make := range map[string]func(path string) error{
		"x_rec.toml is not a regular file":             func(path string) error { return os.Mkdir(path, 0o755) },
		"x_rec.toml is not a regular file ":            func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"x_rec.toml: no such file or directory":        func(path string) error { return os.Symlink("nowhere", path) },
		"x_rec.toml: too many levels of symbolic link": func(path string) error { return os.Symlink("x_rec.toml", path) },
	} {
		dir := t.TempDir()
		if err := make(filepath.Join(dir, "x_rec.toml")); err != nil {
			t.Fatal(err)
		}
		if _, err := load.Dir(dir); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
