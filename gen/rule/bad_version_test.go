package rule

import "testing"

func TestBadVersion(t *testing.T) {
	expect(t, "bad-version", `version = 0 # want: 1 to
`, `version = -1 # want: 1 to
`, `version = 2147483648 # want: 1 to
`, `version = 7
`)
}
