package config

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/pelletier/go-toml/v2"
)

// committed is the directory of the files that operators start from.
const committed = "../../config"

func TestKeysAreDescribed(t *testing.T) {
	for _, k := range Keys() {
		switch {
		case k.Doc == "" || !strings.HasSuffix(k.Doc, "."):
			t.Errorf("%s: the doc text is no sentence: %q", k.Name, k.Doc)
		case !unicode.IsUpper(rune(k.Doc[0])) && !unicode.IsLower(rune(k.Doc[0])) && !unicode.IsDigit(rune(k.Doc[0])):
			t.Errorf("%s: the doc text begins with %q", k.Name, k.Doc[0])
		case k.Unit != "" && !strings.HasSuffix(k.Name, "_"+k.Unit):
			t.Errorf("%s: the name doesn't end in its unit %s", k.Name, k.Unit)
		case (k.Kind == Integer || k.Kind == Integers) && k.Max == 0:
			t.Errorf("%s: an integer needs bounds", k.Name)
		case k.Required && k.Default != nil:
			t.Errorf("%s: required and yet with a default", k.Name)
		}
	}
}

func TestKeysIsACopy(t *testing.T) {
	Keys()[0].Name = "spoilt"
	if Keys()[0].Name == "spoilt" {
		t.Error("a caller can change the table")
	}
}

func TestVariable(t *testing.T) {
	k, _ := matchKey([]string{"broker_services", "app_server", "instances", "r_broker"})
	if got := k.Variable(); got != "BEDS__BROKER_SERVICES__APP_SERVER__INSTANCES__R_BROKER" {
		t.Errorf("Variable = %s", got)
	}
}

// The committed file teaches the keys: it must name every one of them, and the
// defaults that it shows must be the real ones.
func TestCommittedFileShowsEveryDefault(t *testing.T) {
	text := uncommented(t)
	values := map[string]any{}
	if err := toml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatalf("with its defaults uncommented beds.toml doesn't parse: %v\n%s", err, text)
	}
	for _, k := range Keys() {
		if k.Kind == Password || strings.HasSuffix(k.Name, ".password_file") || k.of != nil {
			if last := k.segments()[len(k.segments())-1]; last != "*" && !strings.Contains(text, last) {
				t.Errorf("beds.toml doesn't speak of %s", k.Name)
			}
			continue
		}
		v, ok := lookup(values, k.segments())
		if !ok {
			t.Errorf("beds.toml doesn't show %s", k.Name)
			continue
		}
		if k.Name == "node" || k.Name == "broker_services.roles" || k.Required {
			continue
		}
		shown, truth := &Config{}, &Config{}
		if why := k.assign(k.at(shown), nil, v); why != "" {
			t.Errorf("beds.toml shows %s = %v: %s", k.Name, v, why)
			continue
		}
		_ = k.assign(k.at(truth), nil, k.defaultValue(Dev))
		if got, want := k.show(k.at(shown)), k.show(k.at(truth)); got != want {
			t.Errorf("beds.toml shows %s = %s, the default is %s", k.Name, got, want)
		}
	}
}

var shownDefault = regexp.MustCompile(`^# ([a-z_]+ = .*)$`)

// uncommented returns beds.toml with its "# key = default" lines in effect, and
// without the example of a template.
func uncommented(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(committed, "beds.toml"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	inExample := false
	for i, line := range lines {
		if strings.HasPrefix(line, "# [templates.") {
			inExample = true
		} else if line == "" {
			inExample = false
		}
		if !inExample {
			lines[i] = shownDefault.ReplaceAllString(line, "$1")
		}
	}
	return strings.Join(lines, "\n")
}

// What an operator gets who copies the example, and the example template.
func TestCommittedFilesLoad(t *testing.T) {
	files := map[string]string{}
	for from, to := range map[string]string{"beds.toml": "beds.toml", "env_dev.toml.example": "env_dev.toml"} {
		data, err := os.ReadFile(filepath.Join(committed, from))
		if err != nil {
			t.Fatal(err)
		}
		files[to] = string(data)
	}
	files["beds.toml"] += exampleTemplate(files["beds.toml"])
	tr := tree{files: files, vars: map[string]string{"BEDS_AMQP_PASSWORD": "", "BEDS_MARIADB_PASSWORD": "", "BEDS_MONGODB_PASSWORD": ""}}
	c := tr.mustLoad(t)
	if !c.BrokerServices.HasRole("admin") || !c.Templates["order"].Allows("delete", "shop") || c.Templates["order"].Allows("write", "support") {
		t.Errorf("got %+v, %+v", c.BrokerServices, c.Templates["order"])
	}
}

func exampleTemplate(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if code, ok := strings.CutPrefix(line, "# "); ok && regexp.MustCompile(`^(\[templates|store =|own_queues|cache|concurrency = 0 |fetch|"\*" = )`).MatchString(code) {
			b.WriteString(code)
		}
	}
	return b.String()
}
