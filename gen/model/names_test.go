package model

import "testing"

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"email": "Email", "customer_id": "CustomerID", "id": "ID", "url_of_page": "URLOfPage", "lastSeen": "LastSeen",
		"ip": "IP", "json_body": "JSONBody", "line_1": "Line1", "a__b": "AB", "_a": "A", "identity": "Identity", "": "",
	} {
		if got := GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}
