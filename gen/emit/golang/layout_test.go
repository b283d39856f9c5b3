package golang

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"testing"
)

// Each is laid out here, and as go/format does it.
func TestLayout(t *testing.T) {
	for _, src := range []string{
		"package x\n",
		"// a\n\n// b\npackage x\nimport (\n\"b\"\na \"c\"\n)\n\n\nconst _ = a . B\n// c\ntype T struct{\nA [] byte\nLong map1 . Opt [[] string]\n// d\nC * int `json:\"c\"`\nDD string `json:\"d,omitempty\"`\nE\n}\n",
		"package x\nconst (\na c . T = \"x = y\"\nlonger c . U [[] string] = \"\"\n)\nvar a = f (& B,- 1,1.5e+10,g [[] string] ())\nfunc f (a int,b ... string) (p [T],error) {\nreturn g (a,[] T {\nh (1),\n},b ...)\n}\n",
		"package x\nvar T = a . B {\nName : \"x : y\",\nFields : [] F {\n{A : 1,B : [] C {{D : 2},{E : `f`}},F : & G {H : true}},\n{A : 1,O : S {X : [] Y {\n{A : 1},\n}}},\n},\nLimit : - 1,\nQ : 1,\n}\n",
	} {
		want, err := format.Source([]byte(src))
		if err != nil {
			t.Fatalf("%v in %s", err, src)
		}
		rows, ok := readRows([]byte(src))
		if !ok {
			t.Errorf("is left to go/format: %s", src)
			continue
		}
		align(rows)
		if got := writeRows(nil, rows); !bytes.Equal(got, want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

func TestLayoutLeavesWhatItDoesNotKnow(t *testing.T) {
	for _, src := range []string{
		"package x\n\nvar a = b < c\n",
		"package x\n\nvar a = \"unfinished\n",
		"package x\n\n)\n",
		"package x\n\nvar t = T{\n\tAVeryLongKeyThatIsLongerThanFortyCharactersInAll: 1,\n}\n",
		"package x\n\nfunc f() {\n",
	} {
		if _, ok := readRows([]byte(src)); ok {
			t.Errorf("takes on %s", src)
		}
	}
	if _, err := gofmt([]byte("package x\n\nfunc f() {\n")); err == nil {
		t.Error("broken source is no error")
	}
}

// What is emitted must not be left to go/format unnoticed. Source that is in its
// form already must stay as it is, too.
func TestLayoutKnowsWhatIsEmitted(t *testing.T) {
	paths, err := filepath.Glob("testdata/golden/*.golden")
	if err != nil || len(paths) == 0 {
		t.Fatal(err)
	}
	for _, p := range paths {
		src, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		rows, ok := readRows(src)
		if !ok {
			t.Errorf("%s is left to go/format", p)
			continue
		}
		align(rows)
		if got := writeRows(nil, rows); !bytes.Equal(got, src) {
			t.Errorf("%s becomes\n%s", p, got)
		}
	}
}
