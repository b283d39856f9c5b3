package rec

import (
	"os"
	"strings"
	"testing"
)

// The example template is the documentation of the format, so nothing of the
// format may be missing there.
func TestTheExampleUsesEverything(t *testing.T) {
	src, err := os.ReadFile("../../recs/example_rec.toml")
	if err != nil {
		t.Fatal(err)
	}
	tpl := Parse("example_rec.toml", src)
	used := map[*Key]bool{}
	tpl.Walk(Visitor{Entry: func(e *Entry, k *Key, _ *Path) { used[k] = true }})
	seen := map[*Shape]bool{}
	var check func(s *Shape, path string)
	check = func(s *Shape, path string) {
		if seen[s] {
			return
		}
		seen[s] = true
		for _, k := range s.Keys {
			// Sub-fields and parameters have the keys of fields.
			if !used[k] && !strings.Contains(path, "fields.*.fields") && !strings.Contains(path, "params") {
				t.Errorf("the example does not use %s%s", path, k.Name)
			}
			if k.Table != nil {
				check(k.Table, path+k.Name+".")
			}
		}
		if s.Any != nil && s.Any.Table != nil {
			check(s.Any.Table, path+"*.")
		}
	}
	check(Format, "")
	text := string(src)
	for _, name := range TypeNames {
		if !strings.Contains(text, "\""+name) {
			t.Errorf("the example has no field of type %s", name)
		}
	}
	for _, op := range []string{"eq", "ne", "gt", "gte", "lt", "lte", "in", "prefix"} {
		if !strings.Contains(text, op+",") && !strings.Contains(text, op+" ") {
			t.Errorf("the example does not mention the operator %s", op)
		}
	}
}
