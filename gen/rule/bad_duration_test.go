package rule

import "testing"

func TestBadDuration(t *testing.T) {
	expect(t, "bad-duration", `
[behaviour]
cache = "30" # want: is not a duration
[ttl_indexes]
a = "90days" # want: is not a duration
b = "-1h" # want: is not a duration
c = "0s" # want: not more than nothing
d = "1.5d"
e = "1w2d3h4m5s6ms"
f = "400000000w" # want: longer
g = "" # want: nothing
h = "1h " # want: is not a duration
`, `behaviour.cache = true # want: "off"
`, `behaviour.cache = false
`, `behaviour.cache = "off"
`)
}
