package rule

import "testing"

func TestBadTypeParams(t *testing.T) {
	expect(t, "bad-type-params", `
[fields]
a_exm = "string(0)" # want: 1 to 16383
b_exm = "string(16384)" # want: of type "text"
c_exm = "string(16383)"
d_exm = "string(a)" # want: whole numbers
e_exm = "string(1,2)" # want: one parameter
f_exm = "decimal" # want: digits after the point
g_exm = "decimal(35,2)" # want: 1 to 34
h_exm = "decimal(4,5)" # want: 0 to 4 of 4
i_exm = "decimal(34,34)"
j_exm = "integer(4)" # want: no maximum
k_exm = { type = "text", max = 15728641 } # want: 15728640
l_exm = { type = "text", max = 15728640 }
m_exm = "array" # want: the type of its elements
n_exm = "array<text>" # want: scalars
o_exm = "array<array<string>>" # want: array of arrays
p_exm = "string<integer>" # want: only an array
q_exm = "enum" # want: needs its values
r_exm = { type = "string", values = ["a"] } # want: only an enum
s_exm = { type = "array<enum>", values = ["a"], max = 2 }
t_exm = { type = "string", fields = { a = "string" } } # want: only an object
u_exm = "string(99999999999999999999)" # want: whole numbers
v_exm = { type = "string(10)", max = 20 } # want: given twice
`)
}
