//go:build unix

package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/beds-project/beds/gen/load"
)

// BenchmarkLoad reads, checks and resolves templates of ten fields from files. It
// reports the CPU time of all threads, since the work is spread over them.
func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			for i := range n {
				path := filepath.Join(dir, fmt.Sprintf("domain%d_rec.toml", i))
				if err := os.WriteFile(path, []byte(template(i)), 0o644); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportAllocs()
			before := cpu(b)
			for b.Loop() {
				result, err := load.Dir(dir)
				if err != nil || len(result.Findings) > 0 || len(result.Set.Templates) != n {
					b.Fatal(err, result.Findings)
				}
			}
			used := cpu(b) - before
			b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(used.Microseconds())/float64(b.N)/float64(n), "cpu-µs/template")
		})
	}
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// template is a domain of ten fields with indexes and a query.
func template(i int) string {
	tla := string([]byte{byte('a' + i/1296%26), "0123456789abcdefghijklmnopqrstuvwxyz"[i/36%36], "0123456789abcdefghijklmnopqrstuvwxyz"[i%36]})
	return fmt.Sprintf(`version        = 1
schema         = "rel"
service        = "app_server"
template_class = "Domain%[1]d"
collection     = "msDomain%[1]d"
extension      = "_%[2]s"
doc            = "One of many domains."
protected_fields = ["score_%[2]s"]

[behaviour]
locking = true
deletes = "soft"

[fields]
number_%[2]s   = { type = "string(20)", required = true, doc = "Number that the customer sees." }
customer_%[2]s = { type = "guid", required = true, doc = "Who placed it." }
status_%[2]s   = { type = "enum", values = ["open", "paid", "shipped"], default = "open" }
total_%[2]s    = { type = "decimal(12,2)", default = "0.00" }
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
doc    = "Open ones of a customer."
params = { customer = "guid", since = "date" }
filter = { customer_%[2]s = "$customer", status_%[2]s = { in = ["open", "paid"] }, placed_%[2]s = { gte = "$since" } }
sort   = ["-placed_%[2]s"]
limit  = 50
`, i, tla)
}
