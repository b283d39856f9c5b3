package schema_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/rec"
	"github.com/beds-project/beds/gen/schema"
)

func parsed(t *testing.T) map[string]any {
	t.Helper()
	text, err := schema.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again, err := schema.JSON()
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("two runs differ, %v", err)
	}
	var s map[string]any
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestKnowsEveryRootKey(t *testing.T) {
	properties := parsed(t)["properties"].(map[string]any)
	for _, k := range rec.Format.Keys {
		p, ok := properties[k.Name].(map[string]any)
		if !ok || p["description"] != k.Doc {
			t.Errorf("%s: %v", k.Name, p)
		}
	}
	if len(properties) != len(rec.Format.Keys) {
		t.Errorf("%d properties", len(properties))
	}
}

// An object may hold objects without end, so its schema must refer to itself.
func TestReferencesResolve(t *testing.T) {
	s := parsed(t)
	refs := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, ok := v["$ref"].(string); ok {
				refs++
				name := strings.TrimPrefix(ref, "#/definitions/")
				if _, ok := s["definitions"].(map[string]any)[name].(map[string]any); !ok {
					t.Errorf("%s is not there", ref)
				}
			}
			for _, m := range v {
				walk(m)
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(s)
	if refs < 2 {
		t.Errorf("%d references", refs)
	}
}
