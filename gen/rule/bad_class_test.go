package rule

import "testing"

func TestBadClass(t *testing.T) {
	expect(t, "bad-class", `template_class = "order" # want: exported
`, `template_class = "" # want: exported
`, `template_class = "Order_Item" # want: exported
`, `template_class = "1A" # want: exported
`, `template_class = "Örder" # want: exported
`, `template_class = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" # want: exported
`, `template_class = "Order2"
`)
}
