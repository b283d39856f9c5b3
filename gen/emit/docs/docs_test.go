package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/emit/docs"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestPages(t *testing.T) {
	result, err := load.Dir("../../../recs")
	if err != nil || result.Set == nil {
		t.Fatal(err, result)
	}
	files := docs.Files("testdata", result.Set)
	for i, again := range docs.Files("testdata", result.Set) {
		if !bytes.Equal(files[i].Content, again.Content) {
			t.Errorf("%s differs the second time", again.Path)
		}
	}
	for _, f := range files {
		if *update {
			if err := os.WriteFile(f.Path, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Content, want) {
			t.Errorf("%s has changed; look at it and run with -update:\n%s", f.Path, f.Content)
		}
	}
}

// hostile are texts that mean something to Markdown, HTML or a terminal.
var hostile = []string{
	"*/ -- `tick` ``two`` | pipe \\| \\", "# heading\n\n## two", "- item\n1. item\n---\n===", "<script>alert(1)</script> &lt; <!-- ", "[link](javascript:x) ![i](x) [^1] ~~s~~ $x$",
	"```\nend\n```json", "\u202etrojan\u2066 \x00\x1b[31m", "**b** __u__ _i_", "|", "\\", "`", "", " ", "| --- |\n| x |",
}

// FuzzTexts: whatever the texts of a template are, the page has the lines, the cells
// and the marks of the page of a harmless one.
func FuzzTexts(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, "open")
		f.Add("fine", s)
	}
	f.Fuzz(func(t *testing.T, doc, value string) {
		got := page(doc, value)
		benign := "fine"
		if strings.TrimSpace(doc) == "" {
			benign = ""
		}
		if g, w := outline(t, got), outline(t, page(benign, "open")); g != w {
			t.Errorf("the page is\n%s\nwith the outline\n%s\nwant\n%s", got, g, w)
		}
	})
}

func page(doc, value string) string {
	enum := model.Type{Kind: model.Enum, Max: 40, Values: []string{value, "other"}}
	object := model.Type{Kind: model.Object, Fields: []*model.SubField{{Name: "city", Type: enum, Doc: doc}}}
	fields := append(model.SystemFields(model.DeletesSoft),
		&model.Field{Name: "a_txt", Public: "a", Type: enum, Doc: doc, Default: &model.Value{Text: value}},
		&model.Field{Name: "b_txt", Public: "b", Type: enum, Doc: doc, Required: true},
		&model.Field{Name: "c_txt", Public: "c", Type: object, Doc: doc})
	t := &model.Template{Name: "text", Doc: doc, Version: 1, Class: "Text", Service: "admin", Collection: "msText", Fields: fields, Behaviour: model.Behaviour{Updates: true, MaxBatch: 2, MaxLimit: 2}}
	t.Indexes = []*model.Index{{Name: "b", Keys: []model.Key{{Field: fields[6]}}, Doc: doc, Where: []model.Condition{{Field: fields[5], Op: model.OpEq, Values: []model.Value{{Text: value}}}}}}
	param := &model.Param{Name: "p", Type: enum, Doc: doc}
	t.Queries = []*model.Query{{Name: "q", Doc: doc, Params: []*model.Param{param}}}
	return string(docs.Files("d", &model.Set{Templates: []*model.Template{t}})[1].Content)
}

var block = regexp.MustCompile("(?s)```json\n(.*?)\n```\n")

// outline is a page without what text may be: the blocks, which must be JSON, the code
// spans, escaped characters, and everything that is no mark.
func outline(t *testing.T, page string) string {
	page = block.ReplaceAllStringFunc(page, func(b string) string {
		if !json.Valid([]byte(block.FindStringSubmatch(b)[1])) {
			t.Errorf("not JSON:\n%s", b)
		}
		return "block\n"
	})
	var out strings.Builder
	for line := range strings.Lines(page) {
		cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		marks := strings.Map(func(r rune) rune {
			if strings.ContainsRune("\\`*_[]<>#&~$", r) {
				return r
			}
			return -1
		}, withoutCode(t, line))
		out.WriteString(strings.Repeat("|", cells) + marks + "\n")
	}
	return out.String()
}

// withoutCode removes escaped characters and code spans, as Markdown finds them.
func withoutCode(t *testing.T, line string) string {
	var out strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line) && line[i+1] > ' ':
			i++
		case line[i] == '`':
			fence := line[i : len(line)-len(strings.TrimLeft(line[i:], "`"))]
			end := closing(line[i+len(fence):], fence)
			if end < 0 {
				t.Errorf("a code span that does not end: %s", line)
				return out.String()
			}
			i += len(fence) + end + len(fence) - 1
		default:
			out.WriteByte(line[i])
		}
	}
	return out.String()
}

// closing finds a run of exactly as many backticks.
func closing(s, fence string) int {
	for i := 0; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := len(s) - i - len(strings.TrimLeft(s[i:], "`"))
		if run == len(fence) {
			return i
		}
		i += run
	}
	return -1
}
