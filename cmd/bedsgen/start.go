package main

import (
	"bytes"
	_ "embed" // for the starting files
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/beds-project/beds/config"
	"github.com/beds-project/beds/recs"
	"golang.org/x/mod/module"
)

// bedsModule is the module that new modules require.
const bedsModule = "github.com/beds-project/beds"

// Starting files of a module and of a template.
var (
	//go:embed start/rec.toml.tmpl
	recText string
	//go:embed start/go.mod.tmpl
	goModText string
	//go:embed start/main.go.tmpl
	mainText string
	//go:embed start/doc.go.tmpl
	docText string
	//go:embed start/gitignore.tmpl
	ignoreText string
)

// start is what the starting files are filled with.
type start struct {
	Module, Package string
	GoVersion       string
	Beds, Replace   string // version of BEDS, and the folder that replaces it
	Name, Class     string
	WBID, TLA       string
	Schema          string
}

func runInit(env *environment, args []string) error {
	var dir, beds string
	var offline bool
	env.flags.StringVar(&dir, "C", ".", "`folder` of the new module; it is made if it is missing")
	env.flags.StringVar(&beds, "beds", "", "`folder` of a checkout of BEDS to use instead of a released version")
	env.flags.BoolVar(&offline, "no-tidy", false, "do not run go mod tidy")
	rest, err := env.parse(args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usageError{"bedsgen init needs the MODULE path, such as example.com/shop"}
	}
	if err := module.CheckImportPath(rest[0]); err != nil {
		return usageError{fmt.Sprintf("%q cannot be a module path: %v", rest[0], err)}
	}
	s := start{Module: rest[0], WBID: "ms", Schema: "rel", TLA: "con"}
	if err := s.name("contact"); err != nil {
		return err
	}
	s.Package = packageName(rest[0])
	s.Beds, s.Replace = bedsVersion(beds)
	s.GoVersion = goVersion()
	if err := s.writeModule(env, dir); err != nil {
		return err
	}
	if err := runGenerate(env.again("generate"), []string{"-q", "-C", dir}); err != nil {
		return err
	}
	fmt.Fprintln(env.stdout, "wrote    generated/ and sql/ (bedsgen generate)")
	if !offline {
		if err := tidy(env, dir); err != nil {
			return err
		}
	}
	fmt.Fprint(env.stdout, nextSteps)
	return nil
}

const nextSteps = `
Next:
  1. edit recs/contact_rec.toml, or add a template with: go tool bedsgen new NAME
  2. go generate ./... && go build -o bin/beds ./cmd/beds
  3. cp config/env_dev.toml.example config/env_dev.toml   # where your servers are
  4. BEDS_MARIADB_ADMIN_DSN='root:PASSWORD@tcp(127.0.0.1:3306)/' bin/beds sql install --create-account
                                                          # database, tables, procedures, the node's account
  5. bin/beds run
`

// again is the environment for a command that another one runs.
func (e *environment) again(name string) *environment {
	return &environment{e.stdout, e.stderr, newFlags(name, e.stderr)}
}

func (s *start) writeModule(env *environment, dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
		return usageError{fmt.Sprintf("%s exists already; init starts a module in a folder without one", filepath.Join(dir, "go.mod"))}
	}
	files := []struct{ path, text string }{
		{"go.mod", goModText},
		{s.Package + ".go", docText},
		{"cmd/beds/main.go", mainText},
		{"recs/contact_rec.toml", recText},
		{".gitignore", ignoreText},
	}
	for _, f := range files {
		if err := s.write(filepath.Join(dir, filepath.FromSlash(f.path)), f.text); err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "wrote    %s\n", f.path)
	}
	for path, content := range map[string][]byte{
		"recs/mst_logger_rec.toml":    recs.Logger,
		"config/beds.toml":            config.Base,
		"config/env_dev.toml.example": config.DevExample,
	} {
		if err := create(filepath.Join(dir, filepath.FromSlash(path)), content); err != nil {
			return err
		}
	}
	fmt.Fprintln(env.stdout, "wrote    recs/mst_logger_rec.toml, config/beds.toml, config/env_dev.toml.example")
	return nil
}

// packageName makes a Go package name of a module's last element.
func packageName(modulePath string) string {
	base := modulePath[strings.LastIndexByte(modulePath, '/')+1:]
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			return r
		case 'A' <= r && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, base)
	if name == "" || name[0] <= '9' || name == "main" {
		return "node"
	}
	return name
}

// tidy completes go.mod and go.sum, which needs the go command and a module proxy.
func tidy(env *environment, dir string) error {
	fmt.Fprintln(env.stdout, "running  go mod tidy")
	cmd := exec.Command("go", "mod", "tidy")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("go mod tidy failed: %w\n%s\nEverything else is written; run go mod tidy yourself", err, bytes.TrimSpace(out))
	}
	return nil
}
