package recfmt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/recfmt"
)

func TestSource(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"keys in a column":          {"a = 1\nlong=2\n  b   =3\n", "a    = 1\nlong = 2\nb    = 3\n"},
		"blank lines part groups":   {"a = 1\n\n\nlong = 2\n", "a = 1\n\nlong = 2\n"},
		"comments part groups":      {"a = 1\n# why\nlong = 2", "a = 1\n# why\nlong = 2\n"},
		"remarks in a column":       {"a = 1 # one\nb = [1,2]# two\nc = 3\nd = 4   # four\n", "a = 1     # one\nb = [1,2] # two\nc = 3\nd = 4 # four\n"},
		"a blank before a table":    {"a = 1\n[t]\nb = 1\n# about u\n[u]\n", "a = 1\n\n[t]\nb = 1\n\n# about u\n[u]\n"},
		"none at the ends":          {"\n\na = 1\n\n\n", "a = 1\n"},
		"line ends":                 {"a = 1 \t\r\nb = 2\r\n", "a = 1\nb = 2\n"},
		"long strings stay":         {"a = \"\"\"x  \n  y = 1  \n\n\n[z]\"\"\"  \nbb = 1\n", "a = \"\"\"x  \n  y = 1  \n\n\n[z]\"\"\"\nbb = 1\n"},
		"literal strings stay":      {"a = '''x\\  \n'''''\nb='#='\n", "a = '''x\\  \n'''''\nb = '#='\n"},
		"long lists stay":           {"list = [ # of\n\t\"a\",   \n\n  \"]\", # no end\n]\nb=1\n", "list = [ # of\n\t\"a\",\n\n  \"]\", # no end\n]\nb = 1\n"},
		"signs in keys and strings": {"\"a=b#\" = \"c # d\\\" = \" # e\n", "\"a=b#\" = \"c # d\\\" = \" # e\n"},
		"wide characters":           {"\"ä\" = 1\nbb  = 2\n", "\"ä\" = 1\nbb  = 2\n"},
		"dates keep their space":    {"a = 2026-01-31 12:00:00Z\n", "a = 2026-01-31 12:00:00Z\n"},
		"nothing":                   {"", ""},
	} {
		got, err := recfmt.Source("x_rec.toml", []byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", name, err, got, c.want)
			continue
		}
		if again, err := recfmt.Source("x_rec.toml", got); err != nil || string(again) != string(got) {
			t.Errorf("%s: again %v\ngot  %q\nwant %q", name, err, again, got)
		}
	}
}

func TestRefusesWhatDoesNotParse(t *testing.T) {
	for _, in := range []string{"a = ", "a = 1\na = 2\n", "[t\n", "a = \"x\n", "\xff = 1"} {
		if got, err := recfmt.Source("recs/x_rec.toml", []byte(in)); err == nil || !strings.HasPrefix(err.Error(), "recs/x_rec.toml:") {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestTemplatesOfTheRepositoryKeepTheirMeaning(t *testing.T) {
	paths, err := filepath.Glob("../../recs/*.toml")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	for _, p := range paths {
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		got, err := recfmt.Source(p, src)
		if err != nil || strings.Count(string(got), "#") != strings.Count(string(src), "#") {
			t.Errorf("%s: %v", p, err)
		}
	}
}

func FuzzSource(f *testing.F) {
	for _, s := range []string{"a=1\n[b]\n", "a = '''\n'''''\n", "a = [\n{b=1},# x\n]", "a = \"\"\"\\\n  x\"\"\"", "a.b.'c d' = {e=\"f\"}\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		once, err := recfmt.Source("x_rec.toml", []byte(in))
		if err != nil {
			if strings.Contains(err.Error(), "please report") {
				t.Errorf("%q: %v", in, err)
			}
			return
		}
		if again, err := recfmt.Source("x_rec.toml", once); err != nil || string(again) != string(once) {
			t.Errorf("%q becomes %q and then %q, %v", in, once, again, err)
		}
	})
}
