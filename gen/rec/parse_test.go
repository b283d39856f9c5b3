package rec

import (
	"fmt"
	"strings"
	"testing"
)

func TestEverythingKnowsItsPlace(t *testing.T) {
	src := "version = 1\n\n[fields]\na_exm = { type = \"enum\", values = [ \"x\",\n  \"y\" ] }\nb_exm   =   [ 1 ]\n\"c\".d = 'z'\n[[partial_indexes]]\r\nname = \"n\"\r\n"
	tpl := Parse("dir/order_rec.toml", []byte(src))
	if tpl.Name != "order" || len(tpl.Problems) > 0 {
		t.Fatalf("name %q, problems %v", tpl.Name, tpl.Problems)
	}
	var got []string
	var walk func(table *Table)
	place := func(s Span) string {
		p := tpl.At(s)
		return fmt.Sprintf("%d:%d+%d", p.Line, p.Column, p.Length)
	}
	var value func(v *Value)
	value = func(v *Value) {
		got = append(got, fmt.Sprintf("%s %s", place(v.Span), v.Kind))
		for _, e := range v.List {
			value(e)
		}
		if v.Table != nil {
			walk(v.Table)
		}
	}
	walk = func(table *Table) {
		for _, e := range table.Entries {
			got = append(got, fmt.Sprintf("%s %s", place(e.KeySpan), e.Key))
			value(e.Value)
		}
	}
	walk(tpl.Root)
	want := `1:1+7 version
1:11+1 an integer
3:2+6 fields
3:2+6 a table
4:1+5 a_exm
4:9+42 a table
4:11+4 type
4:18+6 a string
4:26+6 values
4:35+14 a list
4:37+3 a string
5:3+3 a string
6:1+5 b_exm
6:13+5 a list
6:15+1 an integer
7:1+3 c
7:1+3 a table
7:5+1 d
7:9+3 a string
8:3+15 partial_indexes
8:3+15 a list
8:3+15 a table
9:1+4 name
9:8+3 a string`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func TestReadingGoesOnAfterASyntaxError(t *testing.T) {
	src := `version = 1 1
schema = "rec"
[behaviour
updates = false
[fields]
a_exm = { type = "string",,
  required = true }
b_exm = "string"
c_exm = [
  "x" "y",
  z = 3
]
[queries.q]
limit = 7
doc = """
never closed
`
	tpl := Parse("x_rec.toml", []byte(src))
	var at []int
	for _, p := range tpl.Problems {
		if p.Kind != ProblemSyntax {
			t.Errorf("unexpected problem %v", p)
		}
		at = append(at, tpl.At(p.Span).Line)
	}
	// The last one stands at the end of the file, where the text is still open.
	if fmt.Sprint(at) != "[1 3 6 10 16]" {
		t.Errorf("syntax errors in the lines %v", at)
	}
	if !tpl.Broken || tpl.Schema.Value != "rec" || tpl.Field("b_exm") == nil || tpl.Behaviour.Updates.Set {
		t.Errorf("what was readable is not there: %+v", tpl)
	}
	if len(tpl.Queries) != 1 || tpl.Queries[0].Limit.Value != 7 {
		t.Error("the query after the errors was not read")
	}
}

func TestABrokenFileEndsTheSearchForErrors(t *testing.T) {
	tpl := Parse("x_rec.toml", []byte(strings.Repeat("a = \n", 1000)))
	if n := len(tpl.Problems); n != maxSyntax {
		t.Errorf("%d problems, want %d", n, maxSyntax)
	}
}

func TestNestedValuesAreReadToTheBoundOnly(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	tpl := Parse("x_rec.toml", []byte("a = "+deep+"\n"))
	if len(tpl.Problems) != 1 || tpl.Problems[0].Kind != ProblemDepth {
		t.Errorf("problems: %v", tpl.Problems)
	}
}
