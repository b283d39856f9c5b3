package rule

import "testing"

func TestUnknownField(t *testing.T) {
	expect(t, "unknown-field", `extension = "_exm"

protected_fields = ["emial_exm"] # want: in protected_fields; did you mean "email_exm"?
secret_fields = ["x"] # want: in secret_fields
index_fields = ["email"] # want: did you mean "email_exm"?
[fields]
email_exm = "string"
[cache_map]
mail_exm = "mail" # want: in cache_map; did you mean "email_exm"?
[single_field_indexes]
by_mail = "-emailexm" # want: did you mean "email_exm"?
[unique_indexes]
u = ["email_exm", "craeted"] # want: did you mean "created"?
[ttl_indexes]
expires_exm = "1d" # want: in ttl_indexes
[regex_pattern_indexing]
none_exm = "prefix" # want: in regex_pattern_indexing
[[partial_indexes]]
name = "p"
fields = ["created"]
where = { z_exm = 1 } # want: the where of index p
[queries.q]
filter = { a_exm = 1 } # want: the filter of query q
sort = ["-deleted", "-revison"] # want: did you mean "revision"?
`, `extension = "_exm"

index_fields = ["deleted"] # want: where deletes are soft only
[behaviour]
deletes = "hard"
`)
}
