//go:build unix

package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// templateText is a domain of ten fields with the access paths of a typical one: a
// unique index, an index over two fields and a query.
const templateText = `version        = 1
schema         = "rel"
service        = "app_server"
template_class = "Domain%[1]d"
collection     = "msDomain%[1]d"
extension      = "_%[2]s"
doc            = "%[3]s"

[behaviour]
locking = true
deletes = "soft"

[fields]
number_%[2]s   = { type = "string(20)", required = true, doc = "Number that the customer sees." }
customer_%[2]s = { type = "guid", required = true, doc = "Who placed it." }
status_%[2]s   = { type = "enum", values = ["open", "paid", "shipped"], required = true, default = "open" }
total_%[2]s    = { type = "decimal(12,2)", required = true, default = "0.00" }
placed_%[2]s   = "date"
paid_at_%[2]s  = "timestamp"
tags_%[2]s     = "array<string(40)>"
note_%[2]s     = { type = "text", doc = "Free text." }
score_%[2]s    = { type = "integer", default = 0 }
email_%[2]s    = "string(120)"

[unique_indexes]
number_%[2]s = true

[compound_indexes]
customer_placed = ["customer_%[2]s", "-placed_%[2]s"]

[queries.open_by_customer]
doc    = "Open ones of a customer, newest first."
params = { customer = "guid", since = "date" }
filter = { customer_%[2]s = "$customer", status_%[2]s = { in = ["open", "paid"] }, placed_%[2]s = { gte = "$since" } }
sort   = ["-placed_%[2]s"]
limit  = 50
`

// writeTemplate writes the template with a number; doc is what a change changes.
func writeTemplate(recs string, n int, doc string) error {
	path := filepath.Join(recs, fmt.Sprintf("domain%d_rec.toml", n))
	return os.WriteFile(path, fmt.Appendf(nil, templateText, n, tag(n), doc), 0o644)
}

// tag is a three-letter tag that no other number below 33,696 has.
func tag(n int) string {
	const digits = "0123456789abcdefghijklmnopqrstuvwxyz"
	return string([]byte{byte('a' + n/1296%26), digits[n/36%36], digits[n%36]})
}
