package rule

import "testing"

func TestUnknownValue(t *testing.T) {
	expect(t, "unknown-value", `
schema = "rle" # want: did you mean "rel"?
service = "appserver" # want: did you mean "app_server"?
[behaviour]
deletes = "sofd" # want: did you mean "soft"?
[warehouse.cool]
format = "csv" # want: one of table, document, jsonl
`, `schema = "rec"
service = "tercero"
`)
}
