package diag

import (
	"encoding/json"
	"strings"
	"testing"
)

func finding(line, col, length int, message string) Finding {
	return Finding{Pos: Pos{"a_rec.toml", line, col, length}, Rule: "rule-id", Message: message}
}

func text(t *testing.T, color bool, sources Sources, findings ...Finding) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, findings, sources, color); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	f := finding(2, 10, 4, "unknown field \"emal\"")
	f.Suggestion = "email"
	got := text(t, false, nil, f, Finding{Pos: Pos{File: "b_rec.toml"}, Rule: "x", Message: "no file"})
	want := "a_rec.toml:2:10: unknown field \"emal\"; did you mean \"email\"? [rule-id]\nb_rec.toml: no file [x]\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestExcerpt(t *testing.T) {
	for _, c := range []struct {
		name, src   string
		line        int
		col, length int
		want        string
	}{
		{"a word", "x\nab cdef gh\r\ny", 2, 4, 4, "    2 | ab cdef gh\n      |    ^^^^\n"},
		{"no length", "abc", 1, 2, 0, "    1 | abc\n      |  ^\n"},
		{"the end of the line", "abc", 1, 4, 0, "    1 | abc\n      |    ^\n"},
		{"longer than the line", "ab [\n1 ]", 1, 4, 5, "    1 | ab [\n      |    ^\n"},
		{"a tab", "\ta\tbc", 1, 4, 2, "    1 |  a bc\n      |    ^^\n"},
		{"wide characters", "\"日本\" x", 1, 10, 1, "    1 | \"日本\" x\n      |        ^\n"},
		{"an escape", "\x1b[31mx y", 1, 8, 1, "    1 | \\x1b[31mx y\n      |           ^\n"},
		{"a bidirectional override", "\u202ex", 1, 4, 1, "    1 | \\u202ex\n      |       ^\n"},
		{"not UTF-8", "a\xffb", 1, 2, 1, "    1 | a\\xffb\n      |  ^^^^\n"},
		{"a line that is not there", "a", 7, 1, 1, ""},
		{"a column that is not there", "a", 1, 9, 1, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := text(t, false, Sources{"a_rec.toml": []byte(c.src)}, finding(c.line, c.col, c.length, "m"))
			_, got, _ = strings.Cut(got, "\n")
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestExcerptOfALongLine(t *testing.T) {
	src := strings.Repeat("ä", 500) + "HERE" + strings.Repeat("ö", 500)
	got := text(t, false, Sources{"a_rec.toml": []byte(src)}, finding(1, 1001, 4, "m"))
	lines := strings.Split(got, "\n")
	if len([]rune(lines[1])) > 140 || !strings.Contains(lines[1], "…ä") || !strings.HasSuffix(lines[1], "ö…") {
		t.Errorf("the line is not cut: %s", lines[1])
	}
	at := strings.Index(string([]rune(lines[1])), "HERE")
	caret := strings.Index(lines[2], "^^^^")
	if len([]rune(lines[1][:at])) != caret {
		t.Errorf("the carets are not below:\n%s\n%s", lines[1], lines[2])
	}
}

func TestColour(t *testing.T) {
	got := text(t, true, Sources{"a_rec.toml": []byte("abc")}, finding(1, 1, 3, "bad \x1b]0;title\x07 \u2066x"))
	for _, evil := range []string{"\x1b]", "\x07", "\u2066"} {
		if strings.Contains(got, evil) {
			t.Errorf("%q of the template reaches the terminal: %q", evil, got)
		}
	}
	if strings.Count(got, "\x1b[") != 10 {
		t.Errorf("not five painted parts: %q", got)
	}
}

func TestJSON(t *testing.T) {
	var b strings.Builder
	if err := JSON(&b, nil); err != nil || strings.TrimSpace(b.String()) != "{\n  \"findings\": []\n}" {
		t.Errorf("nothing found: %s, %v", b.String(), err)
	}
	b.Reset()
	message := "a \"b\" <c> \u202e \U000e0001 \x1b \n ä"
	if err := JSON(&b, []Finding{finding(3, 4, 5, message)}); err != nil {
		t.Fatal(err)
	}
	for _, r := range b.String() {
		if r != '\n' && hidden(r) {
			t.Errorf("%U is not escaped", r)
		}
	}
	var back struct {
		Findings []map[string]any `json:"findings"`
	}
	if err := json.Unmarshal([]byte(b.String()), &back); err != nil {
		t.Fatal(err)
	}
	f := back.Findings[0]
	if f["message"] != message || f["line"] != 3.0 || f["column"] != 4.0 || f["length"] != 5.0 || f["rule"] != "rule-id" || f["file"] != "a_rec.toml" {
		t.Errorf("came back as %v", f)
	}
}

func TestGitHub(t *testing.T) {
	var b strings.Builder
	f := finding(3, 4, 5, "100% wrong\n::error::injected, really: yes")
	f.File = "a,b:c_rec.toml"
	if err := GitHub(&b, []Finding{f, {Pos: Pos{File: "d_rec.toml"}, Rule: "r", Message: "m"}}); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac_rec.toml,line=3,col=4,title=rule-id::100%25 wrong\\x0a::error::injected, really: yes\n" +
		"::error file=d_rec.toml,title=r::m\n"
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestSorted(t *testing.T) {
	var l List
	for _, f := range []Finding{finding(2, 1, 1, "b"), finding(1, 2, 1, "a"), finding(2, 1, 1, "b"), finding(1, 1, 1, "z")} {
		l.Add(f)
	}
	got := l.Sorted()
	if len(got) != 3 || got[0].Message != "z" || got[1].Message != "a" || got[2].Message != "b" {
		t.Errorf("sorted as %v", got)
	}
}
