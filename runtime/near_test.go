package runtime

import (
	"strings"
	"testing"
)

func TestMeant(t *testing.T) {
	tmpl := &Template{Fields: []Field{{Public: "email"}, {Public: "customerId"}, {Public: "pin", Secret: true}, {Public: "a"}}}
	for name, want := range map[string]string{
		"emial": `did you mean "email"?`, "emai": `"email"`, "emaill": `"email"`, "eMail": `case-sensitive: did you mean "email"?`, "customerid": `"customerId"`,
		"xmail": `"email"`, "pni": "", "PIN": "", "pin": "", "b": "", "": "", "lime": "", "emaillx": "", strings.Repeat("e", 1<<20): "",
	} {
		got := tmpl.meant(name, nil)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%.20q gave %q, want %q", name, got, want)
		}
	}
	if got := tmpl.meant("emial", make(details, maxDetails)); got != "" {
		t.Errorf("a reply without room gave %q", got)
	}
}
