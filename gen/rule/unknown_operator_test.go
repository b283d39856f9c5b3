package rule

import "testing"

func TestUnknownOperator(t *testing.T) {
	expect(t, "unknown-operator", `
[queries.q.filter]
a = { gtt = 1 } # want: did you mean "gt"?
b = { regex = "x" } # want: the operators are
c = { gte = 1, lt = 2 }
`)
}
