package rule

import "testing"

func TestNesting(t *testing.T) {
	expect(t, "nesting", `x = [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]] # want: 16 levels
`, `a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = 1 # want: 16 levels
`, `[a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a] # want: 16 levels
x = 1
`, `x = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = { a = 1 } } } } } } } } } } } } } } } } } } } } # want: 16 levels
`, `x = [[[[[[[[[[]]]]]]]]]]
`)
}
