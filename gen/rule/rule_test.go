package rule

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/diag"
	"github.com/beds-project/beds/gen/rec"
)

// expect runs one rule over some documents and compares its findings with their
// comments. A line that ends in
//
//	# want: text
//
// has one finding whose text contains the given one. Every document is one run: a
// template, or several that each begin with a line "-- name_rec.toml --".
func expect(t *testing.T, id string, documents ...string) {
	t.Helper()
	r := Get(id)
	if r == nil {
		t.Fatalf("there is no rule %q", id)
	}
	bad := false
	for _, doc := range documents {
		var list diag.List
		var set []*rec.Template
		for _, f := range split(doc) {
			tpl := rec.Parse(f.name, []byte(f.text))
			set = append(set, tpl)
			if r.check != nil {
				reporter := &Reporter{rule: r, t: tpl, list: &list}
				r.check(tpl, reporter)
				reporter.close()
			}
		}
		if r.checkSet != nil {
			r.checkSet(set, &Reporter{rule: r, list: &list})
		}
		bad = bad || !list.Empty()
		compare(t, doc, list.Sorted())
	}
	if !bad {
		t.Errorf("no document has a finding of %s", id)
	}
}

type file struct{ name, text string }

var header = regexp.MustCompile(`(?m)^-- (\S+) --\n`)

// split takes a document apart at its headers.
func split(doc string) []file {
	doc = strings.TrimPrefix(doc, "\n")
	heads := header.FindAllStringSubmatchIndex(doc, -1)
	if heads == nil {
		return []file{{"test_rec.toml", doc}}
	}
	var files []file
	for i, h := range heads {
		end := len(doc)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		files = append(files, file{doc[h[2]:h[3]], doc[h[1]:end]})
	}
	return files
}

var want = regexp.MustCompile(`# want: (.*)$`)

func compare(t *testing.T, doc string, findings []diag.Finding) {
	t.Helper()
	wanted := map[string]string{}
	for _, f := range split(doc) {
		for i, line := range strings.Split(f.text, "\n") {
			if m := want.FindStringSubmatch(line); m != nil {
				wanted[fmt.Sprintf("%s:%d", f.name, i+1)] = m[1]
			}
		}
	}
	for _, f := range findings {
		place := fmt.Sprintf("%s:%d", f.File, f.Line)
		text, ok := wanted[place]
		if !ok || !strings.Contains(f.Text(), text) {
			t.Errorf("unexpected: %s\nwanted there: %q", f, text)
			continue
		}
		delete(wanted, place)
	}
	for place, text := range wanted {
		t.Errorf("%s: no finding with %q", place, text)
	}
}

func TestEveryRuleHasItsFileItsTestAndItsTexts(t *testing.T) {
	ids := make([]string, 0, len(All()))
	for _, r := range All() {
		ids = append(ids, r.ID)
		name := strings.ReplaceAll(r.ID, "-", "_")
		for _, file := range []string{name + ".go", name + "_test.go"} {
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			}
		}
		if r.Doc == "" || r.Cure == "" || (r.check == nil) == (r.checkSet == nil) {
			t.Errorf("rule %s is not complete", r.ID)
		}
		if !strings.HasSuffix(r.Doc, ".") || !strings.HasSuffix(r.Cure, ".") || strings.Contains(r.Doc, "\n") {
			t.Errorf("the texts of rule %s are not sentences", r.ID)
		}
	}
	if !slices.IsSorted(ids) {
		t.Errorf("not sorted: %v", ids)
	}
}

func TestOneRuleSaysNotMoreThanAPersonCanRead(t *testing.T) {
	src := strings.Repeat("x = 1\n", 5*maxFindings)
	var list diag.List
	Check(rec.Parse("test_rec.toml", []byte(src)), &list)
	n := 0
	for _, f := range list.Sorted() {
		if f.Rule == "duplicate-key" {
			n++
		}
	}
	if n != maxFindings+1 {
		t.Errorf("%d findings, expected %d and one that counts the rest", n, maxFindings)
	}
}

// count runs one rule over one template and counts its findings.
func count(id, name, src string) int {
	r := Get(id)
	var list diag.List
	t := rec.Parse(name, []byte(src))
	r.check(t, &Reporter{rule: r, t: t, list: &list})
	return len(list.Sorted())
}
