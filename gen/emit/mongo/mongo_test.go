package mongo

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beds-project/beds/gen/load"
	"github.com/beds-project/beds/gen/model"
)

var update = flag.Bool("update", false, "write the expected files")

// storeData is where the tests of the store keep templates and their files.
const storeData = "../../../runtime/store/mongo/testdata"

func loadDir(t testing.TB, dir string) *model.Set {
	t.Helper()
	result, err := load.Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Findings {
		t.Error(f)
	}
	if result.Set == nil {
		t.Fatal("the templates have findings")
	}
	return result.Set
}

// TestFilesOfTheStore holds the files that the store's tests install to the emitter.
func TestFilesOfTheStore(t *testing.T) {
	for _, f := range Files(loadDir(t, storeData+"/recs")) {
		path := filepath.Join(storeData, f.Path)
		if *update {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Content, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(f.Content, want) {
			t.Errorf("%s differs from what is emitted; run: go test ./gen/emit/mongo -update", f.Path)
		}
	}
}

func TestFilesAreIndentedJSON(t *testing.T) {
	for _, f := range Files(loadDir(t, "../../../recs")) {
		if !json.Valid(f.Content) {
			t.Errorf("%s is not JSON:\n%s", f.Path, f.Content)
		}
		if strings.Contains(string(f.Content), ",\n\n") || !bytes.HasSuffix(f.Content, []byte("}\n")) {
			t.Errorf("%s is not laid out as meant:\n%s", f.Path, f.Content)
		}
	}
}

func TestEverythingUnseenIsEscaped(t *testing.T) {
	for _, s := range []string{
		"a\"b\\c\nd\te\x00f\x7f", "\u202eevil\u2066", "\u2028\u2029", "\ufeff", "\u00ad", "😀 stays", "\U000e0001 tag",
		"*/ ` -- '", "\xff broken",
	} {
		quoted := appendQuoted(nil, s)
		var back string
		if err := json.Unmarshal(quoted, &back); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); back != want {
			t.Errorf("%q came back as %q", s, back)
		}
		for _, c := range string(quoted) {
			if c < ' ' || c >= 0x2028 && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0xfeff || c >= 0xe0000 {
				t.Errorf("%q: U+%04X stands unescaped in %s", s, c, quoted)
			}
		}
	}
}

func TestSortableDecimals(t *testing.T) {
	for _, c := range []struct {
		text             string
		precision, scale int
		want             string
	}{
		{"12.30", 6, 2, "p0012.30"}, {"-12.30", 6, 2, "n9987.69"}, {"0.00", 6, 2, "p0000.00"},
		{"0.30", 2, 2, "p.30"}, {"-0.30", 2, 2, "n.69"}, {"7", 3, 0, "p007"},
	} {
		typ := &model.Type{Kind: model.Decimal, Precision: c.precision, Scale: c.scale}
		if got := sortable(c.text, typ); got != c.want {
			t.Errorf("sortable(%s, %d, %d) = %s, want %s", c.text, c.precision, c.scale, got, c.want)
		}
		if got := len(c.want); got != decimalWidth(typ) && c.precision > c.scale {
			t.Errorf("decimalWidth(%d, %d) = %d, but %s has %d", c.precision, c.scale, decimalWidth(typ), c.want, got)
		}
	}
}

func BenchmarkFiles1000(b *testing.B) {
	one := loadDir(b, storeData+"/recs").Templates[1]
	set := &model.Set{}
	for i := range 1000 {
		t := *one
		t.Collection = fmt.Sprintf("msThing%04d", i)
		set.Templates = append(set.Templates, &t)
	}
	b.ReportAllocs()
	for b.Loop() {
		Files(set)
	}
}
