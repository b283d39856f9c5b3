package runtime

import (
	"context"

	"github.com/beds-project/beds/runtime/envelope"
)

// A Store keeps the records of templates. Every method takes a slice where one
// round trip can serve several requests, and what one of them does never fails
// another's. Methods are safe for concurrent use.
//
// An error return means that the whole call failed; it is an *envelope.Error of
// class dependency, unknown or internal: Unavailable where it is certain that
// nothing was done, Unknown where a write may have happened. The outcome of each
// single request (not_found, stale, duplicate …) is in its Outcome.
//
// Rows that are returned may be shared with other requests: nobody changes them.
type Store interface {
	// Name is "mariadb" or "mongodb".
	Name() string

	// Get returns the live records with the given ids in any order; absent ones
	// are left out. Rows have Missing in secret fields.
	Get(ctx context.Context, t *Template, ids []GUID) ([]Row, error)
	// Lookup returns the live records that hold the given values of an index of the
	// template that identifies records (Index.Identifies), in any order; absent ones are
	// left out.
	Lookup(ctx context.Context, t *Template, ix *Index, keys []UniqueKey) ([]Row, error)
	// Find returns at most f.Limit records in the order of f.Sort.
	Find(ctx context.Context, t *Template, f *Find) ([]Row, error)
	// Count counts the live records under the conditions of f; Sort, After and
	// Limit are not used.
	Count(ctx context.Context, t *Template, f *Find) (int64, error)
	// Query runs a named query.
	Query(ctx context.Context, t *Template, q *NamedQuery) ([]Row, error)

	// Insert, Update and Delete apply each item and give its outcome at the same
	// position. With atomic, all take effect or none; a store that cannot promise
	// it returns Unsupported and does nothing.
	Insert(ctx context.Context, t *Template, items []Insert, atomic bool) ([]Outcome, error)
	Update(ctx context.Context, t *Template, items []Update, atomic bool) ([]Outcome, error)
	Delete(ctx context.Context, t *Template, items []Delete, atomic bool) ([]Outcome, error)

	// Object calls a DBA-owned object by its name, {collection}_x_{name}, with one
	// JSON argument, and returns its rows as one JSON array of objects.
	Object(ctx context.Context, t *Template, name string, args []byte) ([]byte, error)

	// Verify checks that the objects of the templates are installed in the version
	// that the node was built for. The error lists every object and what to run.
	Verify(ctx context.Context, templates []*Template) error
	// Ping makes one round trip.
	Ping(ctx context.Context) error
	Close(ctx context.Context) error
}

// MaxIndexKeys is how many fields an index has at most.
const MaxIndexKeys = 4

// A UniqueKey holds the values of the fields of a unique index, in the order of its
// keys, all of them Set; the rest is zero. Two keys are equal where the values are.
type UniqueKey [MaxIndexKeys]Value

// A Find reads along one access path, or, with Index nil, by free filters over
// indexed fields (ad_hoc templates only).
type Find struct {
	Index *Index
	// Terms are the conditions, at most one Eq or one lower and one upper bound for
	// each field; Eq may hold a null. Prefix has become Gte and Lt already. The
	// conditions of a partial index are not repeated here.
	Terms []Term
	// Sort is the total order: the index's keys and then id, all turned round
	// where Reverse is true. Ad hoc: one field and then id.
	Sort    []Key
	Reverse bool
	// After holds the values of the Sort fields of the last record of the page
	// before, or nil. Null values sort before all others in ascending order.
	After []Value
	Limit int
}

// A Term compares a field with a value: Eq, Gt, Gte, Lt or Lte.
type Term struct {
	Field int
	Op    Op
	Value Value
}

// A NamedQuery is a declared query with its arguments.
type NamedQuery struct {
	Query *Query
	Args  []Value // by position of Query.Params; array parameters hold canonical JSON
	After []Value // as in Find, by Query.Sort
	Limit int
}

// A RequestKey makes a write idempotent. Key is the caller's (1 to 128 bytes of
// printable ASCII), Hash is over the operation and its data: the same key with
// another hash is KeyReused.
type RequestKey struct {
	Key  string
	Hash [16]byte
}

// An Insert is one new record. Row holds every field: the system fields are set
// (id, created, updated, revision 1, deleted null), the declared ones are Set or
// Null, defaults applied.
type Insert struct {
	RequestKey
	Row Row
}

// An Update changes the fields that are Set or Null in Row; Missing ones keep
// their values. Now becomes updated; revision grows by one.
type Update struct {
	RequestKey
	ID       GUID
	Revision int64 // 0: whatever it is
	Now      int64 // microseconds
	Row      Row
}

// A Delete removes a record or, with soft deletes, marks it deleted at Now
// (updated = Now, revision + 1).
type Delete struct {
	RequestKey
	ID       GUID
	Revision int64 // 0: whatever it is
	Now      int64
}

// An Outcome is what became of one write.
type Outcome struct {
	// Code is empty for success, or NotFound, Stale, Duplicate, KeyReused, Aborted or
	// BadValue; Busy where the record was being changed by others until the deadline,
	// Unknown where it cannot be told any more whether the key was applied.
	Code envelope.Code
	// Detail names the unique index of a Duplicate (the template's index name).
	Detail string
	// Replayed: the key was applied before; the fields below are the stored result.
	Replayed bool
	ID       GUID
	Created  int64 // microseconds
	Updated  int64
	Revision int64 // after the write; for Stale the current one
}
