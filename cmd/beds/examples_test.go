package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/emit/api"
	"github.com/beds-project/beds/gen/emit/docs"
	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/generated"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
)

// TestDocumentedExamples: the requests that bedsgen docs shows are taken by both stores
// as they stand; only the record that they name does not exist.
func TestDocumentedExamples(t *testing.T) {
	loaded, err := load.Dir("../../recs")
	if err != nil || loaded.Set == nil {
		t.Fatal(err, loaded)
	}
	for _, store := range openStores(t) {
		for _, tmpl := range loaded.Set.Templates {
			s := newSubject(t, store, registration(t, tmpl.Name))
			for _, e := range api.Examples(tmpl) {
				req, bad := envelope.Decode(e.Body, envelope.DefaultLimits)
				if bad != nil {
					t.Fatalf("%s %s: %v\n%s", tmpl.Name, e.Name, bad, e.Body)
				}
				if req.Key == "" {
					req.Key = runtime.GUID(lineage.NewV7()).String()
				}
				res := s.factory.Dispatch(startContext(t), &runtime.Request{Request: req, Internal: true})
				if res.Err != nil && res.Err.Code != envelope.NotFound {
					t.Errorf("%s %s %s: %v\n%s", store.Name(), tmpl.Name, e.Name, res.Err, e.Body)
				}
				// A batch may write what the example of a write has written.
				if e.Name == "batch" && strings.Contains(string(res.Data), `"error"`) && !strings.Contains(string(res.Data), `"duplicate"`) {
					t.Errorf("%s %s %s: %s", store.Name(), tmpl.Name, e.Name, res.Data)
				}
			}
			for _, ix := range tmpl.Indexes {
				s.must(envelope.OpFetch, string(api.ExampleFilter(ix)), "")
			}
		}
	}
}

func registration(t *testing.T, name string) runtime.Registration {
	t.Helper()
	for _, r := range generated.Registrations() {
		if r.Template.Name == name {
			return r
		}
	}
	t.Fatalf("no template %s", name)
	return runtime.Registration{}
}

// TestDocumentedCodes: the codes that bedsgen docs names are those of the catalogue.
func TestDocumentedCodes(t *testing.T) {
	loaded, err := load.Dir("../../recs")
	if err != nil || loaded.Set == nil {
		t.Fatal(err, loaded)
	}
	found := 0
	for _, page := range docs.Files("docs", loaded.Set) {
		_, table, _ := strings.Cut(string(page.Content), "## Codes")
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)`").FindAllStringSubmatch(table, -1) {
			found++
			if !slices.ContainsFunc(envelope.Catalogue(), func(e envelope.Entry) bool { return string(e.Code) == row[1] }) {
				t.Errorf("%s names the code %s, which does not exist", page.Path, row[1])
			}
		}
	}
	if found < 20 {
		t.Errorf("only %d codes", found)
	}
}
