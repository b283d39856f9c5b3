package rule

import "testing"

func TestPublicCollision(t *testing.T) {
	expect(t, "public-collision", `extension = "_exm"

[fields]
last_seen_exm = "string"
lastseen_exm = "string" # want: are alike
b_exm = "string"
c_exm = "string" # want: are alike
d_exm = "string"
[cache_map]
b_exm = "mail"
c_exm = "Mail"
`)
}
