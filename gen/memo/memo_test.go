package memo_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/beds-project/beds/gen/memo"
)

func sample() *memo.Memo {
	return &memo.Memo{
		Key:    "key",
		Shared: []memo.File{{Path: "sql/install.sql", Stamp: memo.Stamp{Size: 1 << 40, Time: -5}}},
		Templates: []memo.Template{
			{memo.File{Path: "recs/a_rec.toml", Stamp: memo.Stamp{Size: 1, Time: time.Now().UnixNano()}}, "A\x00a", []memo.File{{Path: "x"}}},
			{Outputs: []memo.File{}},
		},
	}
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "memo")
	want := sample()
	if err := want.Write(path); err != nil {
		t.Fatal(err)
	}
	if got := memo.Read(path, "key"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if memo.Read(path, "another key") != nil {
		t.Error("the key does not matter")
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("left are %v, %v", left, err)
	}
}

// Whatever happens to the file, a memo is read whole or not at all.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "memo")
	if err := sample().Write(path); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range whole {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if memo.Read(path, "key") != nil {
			t.Fatalf("%d of %d bytes pass for a memo", n, len(whole))
		}
	}
	if err := os.WriteFile(path, append(whole, 0), 0o644); err != nil {
		t.Fatal(err)
	}
	if memo.Read(path, "key") != nil {
		t.Error("a byte too many passes")
	}
}

func TestStamps(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("one"), 0o644); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if s := memo.StampOf(path); s.Settled(now) != (memo.Stamp{}) || s.Settled(now.Add(2*memo.Tick)) != s {
		t.Errorf("stamp %v settles at the wrong time", s)
	}
	f := memo.File{Path: "f", Stamp: memo.StampOf(path)}
	if !f.Fresh(dir) {
		t.Error("not fresh")
	}
	if err := os.WriteFile(path, []byte("other"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f.Fresh(dir) {
		t.Error("fresh in spite of a change")
	}
	for _, p := range []string{dir, filepath.Join(dir, "absent")} {
		if memo.StampOf(p) != (memo.Stamp{}) {
			t.Errorf("%s has a stamp", p)
		}
	}
	if none := (memo.File{Path: "absent"}); none.Fresh(dir) {
		t.Error("what is not there is fresh")
	}
}
