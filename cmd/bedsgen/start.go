package main

import (
	"bytes"
	_ "embed" // for the starting files
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"

	"github.com/beds-project/beds/config"
	"github.com/beds-project/beds/gen/model"
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

func runNew(env *environment, args []string) error {
	var l layout
	var s start
	env.flags.StringVar(&l.root, "C", ".", "root `folder` of the run")
	env.flags.StringVar(&l.recs, "recs", "recs", "`folder` of the templates")
	env.flags.StringVar(&s.Schema, "schema", "rec", "home store: rec (documents) or rel (relations)")
	env.flags.StringVar(&s.WBID, "wbid", "ms", "two-letter id of the installation")
	env.flags.StringVar(&s.TLA, "tla", "", "three-letter tag of the fields; made from NAME by default")
	rest, err := env.parse(args, 1)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return usageError{"bedsgen new needs the NAME of the template, such as order"}
	}
	if err := s.name(rest[0]); err != nil {
		return err
	}
	path := filepath.Join(l.root, l.recs, s.Name+"_rec.toml")
	if err := s.write(path, recText); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "wrote    %s\nDescribe your fields there, then run bedsgen generate.\n", path)
	return nil
}

var templateName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// name derives class and tag from a template's name.
func (s *start) name(name string) error {
	if !templateName.MatchString(name) {
		return usageError{fmt.Sprintf("NAME must be lower-case letters, digits and _, beginning with a letter, not %q", name)}
	}
	switch s.Schema {
	case "rec", "rel":
	default:
		return usageError{fmt.Sprintf("-schema is rec or rel, not %q", s.Schema)}
	}
	s.Name, s.Class = name, model.GoName(name)
	if s.TLA == "" {
		s.TLA = (strings.ReplaceAll(name, "_", "") + "xxx")[:3]
	}
	return nil
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
  4. bin/beds sql install                                 # tables and procedures
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

// write fills a starting file; one that exists is never touched.
func (s *start) write(path, text string) error {
	t, err := template.New(filepath.Base(path)).Parse(text)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return err
	}
	return create(path, b.Bytes())
}

func create(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Sprintf("%s exists already; it was not touched", path)}
	}
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
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

// bedsVersion is the version of BEDS that this bedsgen belongs to. One that was
// built from a checkout has none; the new module then uses that folder.
func bedsVersion(folder string) (version, replace string) {
	const none = "v0.0.0"
	if folder != "" {
		abs, err := filepath.Abs(folder)
		if err != nil {
			abs = folder
		}
		return none, abs
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range append(info.Deps, &info.Main) {
			if m.Path == bedsModule && m.Replace != nil {
				return none, m.Replace.Path
			}
			if m.Path == bedsModule && strings.HasPrefix(m.Version, "v") && !strings.Contains(m.Version, "-0.") {
				return m.Version, ""
			}
		}
	}
	return none, checkout()
}

// checkout is the folder that this program was compiled from, if it is still there.
func checkout() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		return ""
	}
	dir := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	b, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !bytes.Contains(b, []byte("module "+bedsModule+"\n")) {
		return ""
	}
	return dir
}

// goVersion is the language version of the module that bedsgen was built from.
func goVersion() string {
	v := strings.TrimPrefix(runtime.Version(), "go")
	if parts := strings.SplitN(v, ".", 3); len(parts) >= 2 {
		return parts[0] + "." + parts[1]
	}
	return v
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
