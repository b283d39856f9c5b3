package envelope

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/codes.md")

// TestCodesDoc holds the table of docs/codes.md to the catalogue.
func TestCodesDoc(t *testing.T) {
	const page, begin, end = "../../docs/codes.md", "<!-- begin: catalogue -->\n", "<!-- end: catalogue -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks its markers %q and %q", page, begin, end)
	}
	var b strings.Builder
	b.WriteString("| code | class | retryable | what happened, and what to do |\n|---|---|---|---|\n")
	for _, e := range Catalogue() {
		retryable := "no"
		if e.Retryable {
			retryable = "yes"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", e.Code, e.Class, retryable, strings.ReplaceAll(e.Doc, "|", `\|`))
	}
	want := head + begin + b.String() + end + tail
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s differs from the catalogue; run: go test ./runtime/envelope -run TestCodesDoc -update", page)
	}
}
