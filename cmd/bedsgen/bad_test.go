package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestBadTemplates: what is wrong with a template is named with its place and the
// cure, in one line, and nothing is written.
func TestBadTemplates(t *testing.T) {
	const root = "version = 1\nschema = \"rel\"\nservice = \"app_server\"\ntemplate_class = \"Thing\"\ncollection = \"msThing\"\nextension = \"_thg\"\n"
	const fields = root + "[fields]\nname_thg = \"string\"\n"
	var many strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&many, "f%d_thg = \"integer\"\n", i)
	}
	tests := map[string]struct{ text, place, says string }{
		"empty file":          {"", "1:1", "the file is empty; `bedsgen new NAME` writes a template to start from"},
		"broken TOML":         {root + "[fields\n", "7:8", "expected ']' to close table name"},
		"two tables":          {fields + "[fields]\nb_thg = \"text\"\n", "9:2", `table "fields" is declared twice (first in line 7); join the two`},
		"unknown key":         {root + "lockng = true\n", "7:1", `unknown key "lockng"; known are version, schema,`},
		"misspelt table":      {fields + "[behavior]\naudit = true\n", "9:2", `did you mean "behaviour"?`},
		"root key too late":   {fields + "[behaviour]\nversion = 1\n", "10:1", "it belongs to the root, before the first [table]"},
		"wrong type":          {root + "[fields]\nname_thg = 12\n", "8:12", "must be a string or a table, not an integer"},
		"unknown type":        {root + "[fields]\nname_thg = \"varchar\"\n", "8:12", `did you mean "string"?`},
		"missing TLA":         {strings.Replace(fields, "extension = \"_thg\"\n", "", 1), "1:1", `missing key "extension": the three-letter tag`},
		"TLA of four letters": {strings.Replace(fields, "_thg\"", "_thgx\"", 1), "6:13", "is not an underscore and three lower-case letters or digits"},
		"no TLA on a field":   {root + "[fields]\nname = \"string\"\n", "8:1", `name_thg`},
		"a system field":      {root + "[fields]\nrevision_thg = \"integer\"\n", "8:1", "has the name of the system field \"revision\", which every record has; choose another name"},
		"absent index field":  {fields + "[unique_indexes]\nnmae_thg = true\n", "10:1", `unknown field "nmae_thg" in unique_indexes; did you mean "name_thg"?`},
		"undeclared param":    {fields + "[queries.q]\nfilter = { name_thg = \"$x\" }\n", "10:23", `does not declare the parameter "x"; add it to [queries.q.params]`},
		"default not in enum": {root + "[fields]\na_thg = { type = \"enum\", values = [\"a\", \"b\"], default = \"c\" }\n", "8:57", `"c" is not one of the values a, b`},
		"10,000 fields":       {root + "[fields]\n" + many.String(), "1008:1", "at most 1000 fields and sub-fields; split the domain"},
		"50 MB":               {fields + strings.Repeat("# x\n", 50<<18), "1:1", "a template has at most 1048576"},
		"not UTF-8":           {fields + "# \xff\n", "9:3", "is not UTF-8; save the file as UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := workspace(t)
			put(t, dir, "recs/thing_rec.toml", tt.text)
			r := bedsgen("-C", dir)
			r.want(t, 1, "", "thing_rec.toml:"+tt.place+": ")
			r.want(t, 1, "", tt.says)
			if len(r.stderr) > 20_000 {
				t.Errorf("%d bytes of findings", len(r.stderr))
			}
			if files := list(t, dir); len(files) != 2 {
				t.Errorf("there are %v", files)
			}
		})
	}
	dir := workspace(t)
	put(t, dir, "recs/other_rec.toml", rowTemplate)
	bedsgen("-C", dir).want(t, 1, "", `template_class "Thing" is taken by`)
}
