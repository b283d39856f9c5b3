package golang_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"strings"
	"testing"
	"unicode"

	"github.com/beds-project/beds/gen/emit/golang"
	"github.com/beds-project/beds/gen/model"
)

var hostile = []string{
	"plain", "", "two\nlines", "*/ func init() { panic(1) }", "`; import \"os\"", `"; var X = 1 //`, "nul\x00", "\u202egnirts",
	"\n//go:build ignore", "\n//go:generate rm -rf /", "\n//line evil.go:1", "//go:embed x", "+build ignore", "\r\n+build ignore",
	"\u2028func init() {}", "\xff\xfe", "%s%d", "-- ;", "*", "//", "/*", strings.Repeat("long ", 300), "ends in \\", "Deprecated: no",
}

func FuzzEmit(f *testing.F) {
	for _, s := range hostile {
		f.Add(s, "open")
		f.Add("fine", s)
	}
	f.Fuzz(func(t *testing.T, doc, value string) {
		file, err := golang.Template(config, texts(doc, value))
		if err != nil {
			t.Fatal(err)
		}
		checkSource(t, file.Content)
		if want, err := format.Source(file.Content); err != nil || !bytes.Equal(file.Content, want) {
			t.Errorf("not as gofmt writes it (%v):\n%s", err, file.Content)
		}
		benign := "fine"
		if doc == "" {
			benign = ""
		}
		plain, err := golang.Template(config, texts(benign, "open"))
		if err != nil {
			t.Fatal(err)
		}
		got, want := outline(t, file.Content), outline(t, plain.Content)
		for i := range got {
			if i >= len(want) || got[i] != want[i] {
				t.Fatalf("declares %v in\n%s", got[i:min(i+5, len(got))], file.Content)
			}
		}
	})
}

// texts is a template with a text at every place that takes any text. Names are
// not among them: the rules leave nothing but letters, digits and underscores.
func texts(doc, value string) *model.Template {
	enum := model.Type{Kind: model.Enum, Max: 40, Values: []string{value, "other"}}
	str := model.Type{Kind: model.String, Max: 40}
	object := model.Type{Kind: model.Object, Fields: []*model.SubField{{Name: "city", GoName: "City", Type: enum, Doc: doc}}}
	fields := append(model.SystemFields(model.DeletesSoft),
		&model.Field{Name: "a_txt", Public: "a", GoName: "A", Type: enum, Doc: doc, Default: &model.Value{Text: value}},
		&model.Field{Name: "b_txt", Public: "b", GoName: "B", Type: str, Doc: doc, Required: true},
		&model.Field{Name: "c_txt", Public: "c", GoName: "C", Type: object, Doc: doc, Secret: true})
	for i, fd := range fields {
		fd.Index = i
	}
	a, b := fields[5], fields[6]
	param := &model.Param{Name: "p", GoName: "P", Type: enum, Doc: doc}
	return &model.Template{
		Name: "texts", Doc: doc, Version: 1, Family: model.FamilyRec, Service: "admin", Class: "Texts", Collection: "msTexts",
		TLA: "txt", Behaviour: model.Behaviour{Deletes: model.DeletesSoft}, Fields: fields,
		Indexes: []*model.Index{
			{Name: "id", Kind: model.IndexPrimary, Keys: []model.Key{{Field: fields[0]}}, Unique: true},
			{Name: "rare", Kind: model.IndexPartial, Doc: doc, Keys: []model.Key{{Field: b}},
				Where: []model.Condition{{Field: a, Op: model.OpEq, Values: []model.Value{{Text: value}}}}},
		},
		Queries: []*model.Query{{Name: "q", GoName: "Q", Doc: doc, Params: []*model.Param{param}, Limit: 1, Sort: []model.Key{{Field: fields[0]}},
			Where: []model.Condition{{Field: a, Op: model.OpEq, Param: param}, {Field: b, Op: model.OpIn, Values: []model.Value{{Text: value}}}}}},
	}
}

// checkSource looks for what a tool or a reader could take for something else.
func checkSource(t *testing.T, src []byte) {
	t.Helper()
	for line := range strings.Lines(string(src)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "//") && !strings.HasPrefix(line, "// ") || strings.HasPrefix(line, "// +build") {
			t.Errorf("a directive: %q", line)
		}
	}
	for _, r := range string(src) {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			t.Errorf("%U is in the source", r)
		}
	}
}

// outline lists what the source consists of, without comments and the texts of
// strings.
func outline(t *testing.T, src []byte) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	var list []string
	for _, d := range file.Decls {
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case nil, *ast.Comment, *ast.CommentGroup:
			case *ast.Ident:
				list = append(list, n.Name)
			case *ast.BasicLit:
				if n.Kind != token.STRING {
					list = append(list, n.Value)
				}
			default:
				list = append(list, fmt.Sprintf("%T", n))
			}
			return true
		})
	}
	return list
}
