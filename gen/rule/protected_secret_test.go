package rule

import "testing"

func TestProtectedSecret(t *testing.T) {
	expect(t, "protected-secret", `protected_fields = ["a", "b"]
secret_fields = ["b"] # want: neither set nor read
`, `protected_fields = ["a"]
secret_fields = ["b"]
`)
}
