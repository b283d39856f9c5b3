package rule

import "testing"

func TestUndeclaredParam(t *testing.T) {
	expect(t, "undeclared-param", `extension = "_exm"

[queries.q]
params = { customer = "guid" }
[queries.q.filter]
a_exm = "$custmer" # want: did you mean "customer"?
b_exm = "$customer"
f_exm = "$other" # want: the parameter "other"; add it to [queries.q.params]
c_exm = "$5.00" # want: a constant is written "$$5.00"
d_exm = "$$5.00"
e_exm = "$"
`)
}
