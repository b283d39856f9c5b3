// Package runtime is what generated code compiles against: the description of a
// template, the value and row types, the NamasteCore contract and the factory
// that finds the core of a request. Import it as beds.
package runtime

import (
	"time"
)

// Family is the queue family of a template and picks its default store.
type Family string

// The families.
const (
	Rec Family = "rec" // documents
	Rel Family = "rel" // relations
)

// Kind is the type of a value.
type Kind uint8

// The kinds of values.
const (
	String Kind = iota + 1
	Text
	Integer
	Float
	Decimal
	Boolean
	Timestamp
	Date
	GUIDKind
	Enum
	Binary
	Object
	Array
)

var kindNames = [...]string{"", "string", "text", "integer", "float", "decimal", "boolean",
	"timestamp", "date", "guid", "enum", "binary", "object", "array"}

func (k Kind) String() string { return kindNames[k] }

// A Template describes a data domain to the runtime. Generated code declares one
// as data; Register completes it. It is immutable afterwards.
type Template struct {
	Name        string // "order", the name in the envelope
	Class       string // "Order"
	Collection  string // "msOrder", the table, collection and procedure prefix
	Doc         string
	Family      Family
	Service     string // the node role that owns it
	Version     int
	Fingerprint string // equals the one in the comment of every procedure
	Closed      bool   // clients get "forbidden"
	Internal    bool   // not in the public catalogue; clients may read it, only BEDS writes it
	Behaviour   Behaviour
	// Fields holds id, created, updated, revision and, with soft deletes, deleted
	// at the constant positions below, then the declared fields.
	Fields  []Field
	Indexes []Index // the primary path "id" first
	Queries []Query

	byPublic map[string]int
	byQuery  map[string]int
}

// Positions of the system fields in Template.Fields and in every Row.
const (
	FieldID = iota
	FieldCreated
	FieldUpdated
	FieldRevision
	FieldDeleted // with soft deletes only
)

// Deletes says what a delete does.
type Deletes uint8

// The kinds of deletes.
const (
	DeletesNone Deletes = iota
	DeletesSoft
	DeletesHard
)

// Behaviour is what a template allows.
type Behaviour struct {
	Updates  bool
	Deletes  Deletes
	Audit    bool
	Journal  bool
	Locking  bool
	Cache    time.Duration
	MaxBatch int
	MaxLimit int
	AdHoc    bool
}

// A Type is the type of a field, a sub-field, an array element or a parameter.
type Type struct {
	Kind      Kind
	Max       int // string, enum: characters; text, binary: bytes; array: elements
	Precision int
	Scale     int
	Values    []string
	Elem      *Type
	Fields    []SubField // declared members of an object, sorted by name; none means free JSON
}

// A SubField is a declared member of an object.
type SubField struct {
	Name     string
	Type     Type
	Required bool
}

// A Field is one column or document member.
type Field struct {
	Name      string // in the stores
	Public    string // in the envelope
	Type      Type
	Required  bool
	Protected bool
	Secret    bool
	// Default is the canonical text of the default value; HasDefault tells an
	// empty string from none.
	Default    string
	HasDefault bool

	// value is Default decoded by Register.
	value Value
}

// An Index is an access path.
type Index struct {
	Name   string
	Keys   []Key
	Unique bool
	Prefix bool          // the prefix operator is allowed on the first key
	Where  []Condition   // partial indexes: equality with constants
	TTL    time.Duration // 0 for none
}

// Identifies reports whether the values of its fields name one record, other than by id.
func (ix *Index) Identifies() bool {
	return ix.Unique && len(ix.Where) == 0 && ix.Keys[0].Field != FieldID
}

// KeyOf takes the values of the index's fields out of a row; ok is false where one is
// not set.
func (ix *Index) KeyOf(row Row) (key UniqueKey, ok bool) {
	for i, k := range ix.Keys {
		key[i] = row[k.Field]
		if key[i].State != Set {
			return key, false
		}
	}
	return key, true
}

// A Key is a field with a direction.
type Key struct {
	Field int // position in Template.Fields
	Desc  bool
}

// Op compares a field with an operand.
type Op uint8

// The operators.
const (
	Eq Op = iota + 1
	Ne
	Gt
	Gte
	Lt
	Lte
	In
	Prefix
)

var opNames = [...]string{"", "eq", "ne", "gt", "gte", "lt", "lte", "in", "prefix"}

func (o Op) String() string { return opNames[o] }

// A Condition compares a field with a parameter or with constants.
type Condition struct {
	Field int
	Op    Op
	// Param is the position of a parameter in Query.Params plus one; 0 means Values.
	Param  int
	Values []string // canonical texts

	// constants is Values decoded by Register.
	constants []Value
}

// A Query is a named access path.
type Query struct {
	Name   string
	Params []Param // sorted by name
	Where  []Condition
	Sort   []Key // ends with id
	Limit  int
}

// A Param is a typed, required parameter of a query.
type Param struct {
	Name string
	Type Type
}

// Constants returns the decoded constants of a condition.
func (c *Condition) Constants() []Value { return c.constants }

// SoftDeletes reports whether a delete keeps the record, marked.
func (t *Template) SoftDeletes() bool { return t.Behaviour.Deletes == DeletesSoft }

// FieldIndex returns the position of a public name, or -1.
func (t *Template) FieldIndex(public string) int {
	if i, ok := t.byPublic[public]; ok {
		return i
	}
	return -1
}

// Query returns the query of a name, or nil.
func (t *Template) Query(name string) *Query {
	if i, ok := t.byQuery[name]; ok {
		return &t.Queries[i]
	}
	return nil
}
