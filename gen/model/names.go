package model

import "strings"

// initialisms are the words that Go writes in capitals. Only those that occur in
// data are listed: each one added later would rename fields of existing code.
var initialisms = map[string]string{
	"acl": "ACL", "api": "API", "ascii": "ASCII", "cpu": "CPU", "css": "CSS",
	"dns": "DNS", "eof": "EOF", "guid": "GUID", "html": "HTML", "http": "HTTP",
	"https": "HTTPS", "id": "ID", "ip": "IP", "json": "JSON", "qps": "QPS",
	"ram": "RAM", "rpc": "RPC", "sku": "SKU", "sla": "SLA", "smtp": "SMTP",
	"sql": "SQL", "ssh": "SSH", "tcp": "TCP", "tls": "TLS", "ttl": "TTL",
	"udp": "UDP", "ui": "UI", "uid": "UID", "uri": "URI", "url": "URL",
	"utf8": "UTF8", "uuid": "UUID", "vat": "VAT", "vm": "VM", "xml": "XML",
}

// GoName turns a lower-case name with underscores into an exported Go identifier:
// "customer_id" becomes "CustomerID". A mixed-case name keeps its inner capitals.
func GoName(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	for word := range strings.SplitSeq(name, "_") {
		if word == "" {
			continue
		}
		if upper, ok := initialisms[word]; ok {
			b.WriteString(upper)
			continue
		}
		b.WriteString(strings.ToUpper(word[:1]))
		b.WriteString(word[1:])
	}
	return b.String()
}
