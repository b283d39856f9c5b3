package config

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/configuration.md")

// TestKeysDoc holds the tables of docs/configuration.md to the keys.
func TestKeysDoc(t *testing.T) {
	const page, begin, end = "../../docs/configuration.md", "<!-- begin: keys -->\n", "<!-- end: keys -->\n"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks its markers %q and %q", page, begin, end)
	}
	want := head + begin + keyTables() + end + tail
	if *update {
		if err := os.WriteFile(page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(text) != want {
		t.Errorf("%s differs from the keys; run: go test ./runtime/config -run TestKeysDoc -update", page)
	}
}

// keyTables is one table for each table of the file, in the order of Keys.
func keyTables() string {
	var b strings.Builder
	section := "-"
	for _, k := range Keys() {
		segments := k.segments()
		if s := strings.Join(segments[:len(segments)-1], "."); s != section {
			section = s
			b.WriteString("\n")
			if s != "" {
				fmt.Fprintf(&b, "### `[%s]`\n\n", strings.ReplaceAll(s, "*", "NAME"))
			} else {
				b.WriteString("### Root keys\n\n")
			}
			b.WriteString("| key | type | default | allowed | what it does |\n|---|---|---|---|---|\n")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", strings.ReplaceAll(segments[len(segments)-1], "*", "OPERATION"),
			k.Kind, docDefault(&k), docAllowed(&k), strings.ReplaceAll(k.Doc, "|", `\|`))
	}
	b.WriteString("\n")
	return b.String()
}

func docDefault(k *Key) string {
	if k.Required {
		return "required"
	}
	switch d := k.Default.(type) {
	case nil:
		return ""
	case string:
		return fmt.Sprintf("`%q`", d)
	case []string:
		return "`[\"" + strings.Join(d, `", "`) + "\"]`"
	case []int:
		return "`" + strings.ReplaceAll(fmt.Sprint(d), " ", ", ") + "`"
	default:
		return fmt.Sprintf("`%v`", d)
	}
}

func docAllowed(k *Key) string {
	if len(k.OneOf) > 0 {
		return "`" + strings.Join(k.OneOf, "`, `") + "`"
	}
	if k.Min == 0 && k.Max == 0 {
		return ""
	}
	unit := ""
	if k.Unit != "" && !slices.Contains([]string{"bytes"}, k.Unit) {
		unit = " " + k.Unit
	}
	return fmt.Sprintf("%d to %d%s", k.Min, k.Max, unit)
}
