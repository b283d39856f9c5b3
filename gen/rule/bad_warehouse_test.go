package rule

import "testing"

func TestBadWarehouse(t *testing.T) {
	expect(t, "bad-warehouse", `[warehouse] # want: no stage
`, `
[warehouse]
cool = { after = "90d", node = "Segundo", format = "table" } # want: node "Segundo"
cold = { after = "90d", node = "segundo", format = "jsonl" } # want: no later than cool
`, `
[warehouse]
cold = { after = "90d", node = "node-7", format = "jsonl" }
`, `
[ttl_indexes]
created = "30d"
[warehouse]
cool = { after = "10d", node = "segundo", format = "table" }
cold = { after = "30d", node = "segundo", format = "jsonl" } # want: vanish
`)
}
