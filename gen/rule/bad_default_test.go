package rule

import "testing"

func TestBadDefault(t *testing.T) {
	expect(t, "bad-default", `extension = "_exm"

[fields]
a_exm = { type = "enum", values = ["open", "paid"], default = "opne" } # want: did you mean "open"?
b_exm = { type = "string(3)", default = "abcd" } # want: 4 characters
c_exm = { type = "integer", default = "1" } # want: an integer
d_exm = { type = "decimal(4,2)", default = "1.234" } # want: 3 digits after
e_exm = { type = "decimal(4,2)", default = "123" } # want: 3 digits before
f_exm = { type = "decimal(4,2)", default = 1.5 }
g_exm = { type = "float", default = nan } # want: finite
h_exm = { type = "boolean", default = "true" } # want: true or false
i_exm = { type = "timestamp", default = "2026-01-01T00:00:00" } # want: offset
j_exm = { type = "timestamp", default = 2026-01-01T00:00:00 } # want: a date-time without offset
k_exm = { type = "timestamp", default = "2026-01-01T00:00:00.0000001Z" } # want: six digits
l_exm = { type = "date", default = "2026-02-30" } # want: not a date
m_exm = { type = "guid", default = "x" } # want: guid
n_exm = { type = "binary", default = "AAAA" } # want: ""
o_exm = { type = "array<string>", default = ["a"] } # want: []
p_exm = { type = "object", default = { a = 1 } } # want: {}
q_exm = { type = "object", default = {}, fields = { a = { type = "string", required = true } } } # want: required
r_exm = { type = "text", max = 2, default = "abc" } # want: 3 bytes
s_exm = { type = "decimal(4,2)", default = "1e3" } # want: not a decimal
t_exm = { type = "array<string>", default = [] }
u_exm = { type = "date", default = 1969-12-31 }
v_exm = { type = "binary", default = "" }
w_exm = { type = "object", default = {} }
`)
}
