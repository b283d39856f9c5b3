package lineage

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	anID    = "ms.dev.01890a5d-ac96-774b-bcce-b302099a8057"
	another = "ms.dev.01890a5d-ac96-774b-bcce-b302099a8058"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, id string
		ok       bool
	}{
		{"dev", anID, true},
		{"qa", "zz.qa.01890a5d-ac96-774b-bcce-b302099a8057", true},
		{"prod", "ms.prod.01890a5d-ac96-774b-bcce-b302099a8057", true},
		{"a client's version 4", "ms.dev.9b2d3f0e-1111-4222-8333-444455556666", true},
		{"empty", "", false},
		{"no uuid", "ms.dev.", false},
		{"no dots", "msdev01890a5d-ac96-774b-bcce-b302099a8057", false},
		{"upper-case hex", "ms.dev.01890A5D-ac96-774b-bcce-b302099a8057", false},
		{"upper-case wbid", "MS.dev.01890a5d-ac96-774b-bcce-b302099a8057", false},
		{"long wbid", "mss.dev.01890a5d-ac96-774b-bcce-b302099a8057", false},
		{"unknown environment", "ms.test.01890a5d-ac96-774b-bcce-b302099a8057", false},
		{"dash moved", "ms.dev.01890a5da-c96-774b-bcce-b302099a8057", false},
		{"not hex", "ms.dev.01890a5g-ac96-774b-bcce-b302099a8057", false},
		{"newline after", anID + "\n", false},
		{"space before", " " + anID, false},
		{"one too many", anID + "0", false},
		{"megabyte", strings.Repeat("a", 1<<20), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, err := Parse(tt.id)
			if (err == nil) != tt.ok {
				t.Fatalf("Parse(%.80q) = %v", tt.id, err)
			}
			if !tt.ok && !errors.Is(err, ErrID) {
				t.Errorf("the error is %v, want ErrID", err)
			}
			if tt.ok && id.String() != tt.id {
				t.Errorf("String() = %q, want %q", id, tt.id)
			}
		})
	}
}

func TestNewSourceRefusesUnfitNames(t *testing.T) {
	for _, names := range [][2]string{{"m", "dev"}, {"MS", "dev"}, {"ms", "test"}, {"", ""}, {"m.", "dev"}} {
		if _, err := NewSource(names[0], names[1]); err == nil {
			t.Errorf("NewSource(%q, %q) succeeds", names[0], names[1])
		}
	}
}

func TestTree(t *testing.T) {
	s, err := NewSource("ms", "qa")
	if err != nil {
		t.Fatal(err)
	}
	root := s.Root()
	child := s.Child(root)
	grandchild := s.Child(child)
	for _, l := range []Lineage{root, child, grandchild} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
		if l.RootID != root.EventID {
			t.Errorf("root of %+v is not %s", l, root.EventID)
		}
	}
	if grandchild.ParentID != child.EventID || grandchild.Depth != 2 || root.ParentID != "" || root.Depth != 0 {
		t.Errorf("the tree is %+v, %+v, %+v", root, child, grandchild)
	}
	if orphan := s.Child(Lineage{}); orphan.ParentID != "" || orphan.RootID != orphan.EventID {
		t.Errorf("the child of nothing is %+v, want a root", orphan)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name string
		l    Lineage
		want string
	}{
		{"no id", Lineage{}, "event_id"},
		{"bad parent", Lineage{EventID: anID, ParentID: "x", Depth: 1}, "parent_id"},
		{"bad root", Lineage{EventID: anID, RootID: "x"}, "root_id"},
		{"negative depth", Lineage{EventID: anID, Depth: -1}, "depth"},
		{"loop", Lineage{EventID: anID, ParentID: another, Depth: MaxDepth + 1}, "depth"},
		{"deep root", Lineage{EventID: anID, Depth: 3}, "without a parent_id"},
		{"shallow child", Lineage{EventID: anID, ParentID: another}, "depth: 0"},
		{"own parent", Lineage{EventID: anID, ParentID: anID, Depth: 1}, "own parent"},
		{"foreign root", Lineage{EventID: anID, RootID: another}, "own root"},
		{"root without root_id", Lineage{EventID: anID}, ""},
		{"child without root_id", Lineage{EventID: anID, ParentID: another, Depth: 1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.l.Validate()
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("Validate = %v, want %q", err, tt.want)
			}
		})
	}
}

func TestContext(t *testing.T) {
	if l := From(context.Background()); !l.IsZero() {
		t.Errorf("From of an empty context = %+v", l)
	}
	want := Lineage{EventID: anID, RootID: anID}
	if got := From(With(context.Background(), want)); got != want {
		t.Errorf("From = %+v, want %+v", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(anID)
	f.Add("ms.dev.")
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := Parse(s); err == nil && id.String() != s {
			t.Errorf("%q has a second spelling, %q", s, id)
		}
	})
}
