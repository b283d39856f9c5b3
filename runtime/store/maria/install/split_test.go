package install

import (
	"reflect"
	"testing"
)

func TestSplit(t *testing.T) {
	for text, want := range map[string][]statement{
		"":                      nil,
		"-- only; a comment\n":  nil,
		"A;B":                   {{"A", 1}, {"B", 1}},
		"A ;\n\n  B\n;\n":       {{"A", 1}, {"B", 3}},
		"-- it's\nA 'x;y' ;B":   {{"A 'x;y'", 2}, {"B", 2}},
		"A 'it''s;' ;":          {{"A 'it''s;'", 1}},
		`A 'back\\';B`:          {{`A 'back\\'`, 1}, {"B", 1}},
		"A `t;``x`;/* ; */ # ;": {{"A `t;``x`", 1}},
		"DELIMITER //\nP BEGIN x; -- no // here\n y; END//\nDELIMITER ;\nQ;": {{"P BEGIN x; -- no // here\n y; END", 2}, {"Q", 5}},
		"A \"x;\" ; delimiter $$\nB;C$$":                                     {{`A "x;"`, 1}, {"B;C", 2}},
	} {
		if got := split(text); !reflect.DeepEqual(got, want) {
			t.Errorf("split(%q) = %v, want %v", text, got, want)
		}
	}
}
