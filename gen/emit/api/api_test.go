package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/emit"
	"github.com/beds-project/beds/gen/emit/api"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

var update = flag.Bool("update", false, "write the golden file anew")

func repository(t testing.TB) *model.Set {
	t.Helper()
	result, err := load.Dir("../../../recs")
	if err != nil || result.Set == nil {
		t.Fatal(err, result)
	}
	return result.Set
}

// parse reads a document and fails the test if it is not JSON or has a name twice.
func parse(t *testing.T, f emit.File) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(f.Content, &doc); err != nil {
		t.Fatalf("%s: %v\n%s", f.Path, err, f.Content)
	}
	whole, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, f.Content); err != nil {
		t.Fatal(err)
	}
	if a, b := strings.Count(compact.String(), `":`), strings.Count(string(whole), `":`); a != b {
		t.Errorf("%s has %d members, %d of them once", f.Path, a, b)
	}
	return doc
}

func TestReferencesResolve(t *testing.T) {
	files := api.Files("generated", repository(t))
	docs := map[string]any{}
	for _, f := range files {
		docs[f.Path] = parse(t, f)
	}
	refs := 0
	for name, doc := range docs {
		walk(doc, func(target string) {
			refs++
			file, pointer, _ := strings.Cut(target, "#/")
			at := docs[name]
			if file != "" {
				at = docs[path.Join(path.Dir(name), file)]
			}
			for step := range strings.SplitSeq(pointer, "/") {
				switch v := at.(type) {
				case map[string]any:
					at = v[step]
				case []any:
					at = v[0]
				default:
					at = nil
				}
			}
			if at == nil {
				t.Errorf("%s refers to %s, which is not there", name, target)
			}
		})
	}
	if refs < 50 {
		t.Errorf("only %d references", refs)
	}
}

// walk calls do for every reference.
func walk(v any, do func(string)) {
	switch v := v.(type) {
	case map[string]any:
		if target, ok := v["$ref"].(string); ok {
			do(target)
		}
		for _, m := range v {
			walk(m, do)
		}
	case []any:
		for _, e := range v {
			walk(e, do)
		}
	}
}

func TestGolden(t *testing.T) {
	result, err := load.Files([]string{"testdata/typical_rec.toml"})
	if err != nil || result.Set == nil {
		t.Fatal(err, result)
	}
	for _, f := range api.Files("generated", result.Set) {
		golden := "testdata/" + strings.ReplaceAll(strings.TrimPrefix(f.Path, "generated/"), "/", "_")
		if *update {
			if err := os.WriteFile(golden, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || !bytes.Equal(f.Content, want) {
			t.Errorf("%s is not %s; see the difference with -update (%v)", f.Path, golden, err)
		}
	}
}

func TestWhatClientsDoNotSee(t *testing.T) {
	set := repository(t)
	files := api.Files("generated", set)
	for _, tmpl := range set.Templates {
		i := slices.IndexFunc(files, func(f emit.File) bool { return f.Path == "generated/"+tmpl.Name+"/api.json" })
		if (i >= 0) != api.Public(tmpl) {
			t.Errorf("%s: public %v, document %d", tmpl.Name, api.Public(tmpl), i)
		}
		if i < 0 {
			continue
		}
		schemas := parse(t, files[i])["components"].(map[string]any)["schemas"].(map[string]any)
		has := func(schema, field, mark string) bool {
			f, ok := schemas[schema].(map[string]any)["properties"].(map[string]any)[field].(map[string]any)
			return ok && (mark == "" || f[mark] == true)
		}
		for _, fd := range tmpl.Fields {
			if fd.Name != fd.Public && bytes.Contains(files[i].Content, []byte(`"`+fd.Name+`"`)) {
				t.Errorf("%s tells the name %s", tmpl.Name, fd.Name)
			}
			if has("Record", fd.Public, "") == fd.Secret || has("Filter", fd.Public, "") && fd.Secret {
				t.Errorf("%s: field %s, secret %v", tmpl.Name, fd.Public, fd.Secret)
			}
			if fd.Secret && !has("New", fd.Public, "writeOnly") || fd.Protected && (has("New", fd.Public, "") || !has("Record", fd.Public, "readOnly")) {
				t.Errorf("%s: field %s is not marked", tmpl.Name, fd.Public)
			}
		}
	}
}

func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", "a\nb", `"},"x":{`, "\\", "\x00\x1f\x7f", "\u202eevil", "\u2028", "\xff", "*/ -- `", "\U0001F600\U000E0001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, tmpl := range repository(t).Templates {
			tmpl.Doc = s
			for _, fd := range tmpl.Fields {
				fd.Doc = s
				if len(fd.Type.Values) > 0 {
					fd.Type.Values = []string{s}
				}
			}
			for _, file := range api.Template("generated", tmpl) {
				doc := parse(t, file)
				if doc["x-beds-template"] != tmpl.Name || len(doc) > 9 {
					t.Errorf("broken out: %v", doc)
				}
				for _, r := range "\x00\x7f\u202e\u2028\u2029\u200b" {
					if bytes.ContainsRune(file.Content, r) {
						t.Errorf("%U is in the document", r)
					}
				}
			}
		}
	})
}
