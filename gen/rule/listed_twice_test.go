package rule

import "testing"

func TestListedTwice(t *testing.T) {
	expect(t, "listed-twice", `protected_fields = ["a", "b", "a"] # want: twice
secret_fields = ["-a"] # want: no meaning
`, `protected_fields = ["a"]
secret_fields = ["b"]
`)
}
