package runtime

import "testing"

// person is a template with every kind of field and index.
func person(t testing.TB) *Template {
	tmpl := &Template{
		Name: "person", Collection: "tsPerson", Family: Rel, Version: 1, Fingerprint: "0123456789abcdef",
		Behaviour: Behaviour{Updates: true, Deletes: DeletesSoft, Locking: true, MaxBatch: 10, MaxLimit: 100},
		Fields: []Field{
			{Name: "id", Public: "id", Type: Type{Kind: GUIDKind}, Required: true, Protected: true},
			{Name: "created", Public: "created", Type: Type{Kind: Timestamp}, Required: true, Protected: true},
			{Name: "updated", Public: "updated", Type: Type{Kind: Timestamp}, Required: true, Protected: true},
			{Name: "revision", Public: "revision", Type: Type{Kind: Integer}, Required: true, Protected: true},
			{Name: "deleted", Public: "deleted", Type: Type{Kind: Timestamp}, Protected: true},
			{Name: "age_prs", Public: "age", Type: Type{Kind: Integer}},
			{Name: "city_prs", Public: "city", Type: Type{Kind: String, Max: 10}, Required: true, Default: "Ulm", HasDefault: true},
			{Name: "email_prs", Public: "email", Type: Type{Kind: String, Max: 20}, Required: true},
			{Name: "hash_prs", Public: "hash", Type: Type{Kind: String, Max: 20}, Secret: true},
			{Name: "score_prs", Public: "score", Type: Type{Kind: Integer}, Protected: true},
			{Name: "state_prs", Public: "state", Type: Type{Kind: Enum, Max: 5, Values: []string{"new", "old"}}},
		},
		Indexes: []Index{
			{Name: "id", Keys: []Key{{Field: 0}}, Unique: true},
			{Name: "age", Keys: []Key{{Field: 5}}},
			{Name: "city_age", Keys: []Key{{Field: 6}, {Field: 5, Desc: true}}},
			{Name: "city_prefix", Keys: []Key{{Field: 6}}, Prefix: true},
			{Name: "email", Keys: []Key{{Field: 7}}, Unique: true},
			{Name: "olds", Keys: []Key{{Field: 5}}, Where: []Condition{{Field: 10, Op: Eq, Values: []string{"old"}}}},
		},
		Queries: []Query{{
			Name: "aged", Params: []Param{{Name: "least", Type: Type{Kind: Integer}}},
			Where: []Condition{{Field: 5, Op: Gte, Param: 1}}, Sort: []Key{{Field: 5}, {Field: 0}}, Limit: 20,
		}},
	}
	if err := Prepare(tmpl); err != nil {
		t.Fatal(err)
	}
	return tmpl
}
