// Package model is the resolved form of a set of REC templates: names, types,
// access paths and routing. It is the only input of every emitter and knows
// nothing of any output's shape.
//
// A model that reaches an emitter has passed every rule: names do not collide,
// references resolve, identifiers fit. Emitters need no checks of their own.
package model

import (
	"slices"
	"strings"
	"time"
)

// A Set is every template of a run, sorted by name.
type Set struct {
	Templates []*Template
}

// Family is the queue family and the default store of a template.
type Family string

// The families: documents (MongoDB by default) and relations (MariaDB).
const (
	FamilyRec Family = "rec"
	FamilyRel Family = "rel"
)

// A Template is one data domain.
type Template struct {
	Name       string // from the file name: order_rec.toml is "order"
	File       string // slash-separated path as given on the command line
	Doc        string // the comment of the domain; may be empty
	Version    int
	Family     Family
	Service    string // app_server, admin, segundo or tercero
	Class      string // Go type name: Order
	WBID       string // white-box id, the first two letters of Collection
	Collection string // msOrder
	TLA        string // three letters without the underscore: ord
	Closed     bool
	Internal   bool
	Behaviour  Behaviour

	// Fields holds the system fields first (id, created, updated, revision and,
	// with soft deletes, deleted), then the declared ones sorted by name, so that
	// the order of keys in the file never shows in the output.
	Fields []*Field
	// Indexes holds the primary path first (Kind IndexPrimary, Name "id"), then
	// the declared ones sorted by name.
	Indexes []*Index
	Queries []*Query // sorted by name
	// Warehouse is nil where the template has no [warehouse] table.
	Warehouse *Warehouse

	// Fingerprint is 16 hexadecimal digits over everything that shapes the
	// artefacts. Procedures and Go code of one version carry the same one.
	Fingerprint string
}

// Deletes says what a delete does.
type Deletes string

// The kinds of deletes.
const (
	DeletesSoft Deletes = "soft"
	DeletesHard Deletes = "hard"
	DeletesNone Deletes = "none"
)

// Behaviour is the [behaviour] table with its defaults applied.
type Behaviour struct {
	Updates  bool
	Deletes  Deletes
	Audit    bool
	Journal  bool
	Locking  bool          // an update or delete must name the revision it is based on
	Cache    time.Duration // 0 is off
	MaxBatch int           // operations in one batch message
	MaxLimit int           // records in one page
	AdHoc    bool          // free filters over indexed fields
}

// Kind is the type of a field.
type Kind string

// The kinds of fields. Array has an element, Object may have declared sub-fields.
const (
	String    Kind = "string"
	Text      Kind = "text"
	Integer   Kind = "integer"
	Float     Kind = "float"
	Decimal   Kind = "decimal"
	Boolean   Kind = "boolean"
	Timestamp Kind = "timestamp"
	Date      Kind = "date"
	GUID      Kind = "guid"
	Enum      Kind = "enum"
	Binary    Kind = "binary"
	Object    Kind = "object"
	Array     Kind = "array"
)

// A Type is the type of a field, a sub-field, an array element or a parameter.
type Type struct {
	Kind      Kind
	Max       int      // string, enum: characters; text, binary: bytes; array: elements
	Precision int      // decimal: digits in all, at most 34
	Scale     int      // decimal: digits after the point
	Values    []string // enum: the allowed values, in declared order
	Elem      *Type    // array: a scalar type other than text and binary
	// Fields are an object's declared sub-fields sorted by name; empty means free
	// JSON. Sub-fields are scalars, arrays of scalars or objects.
	Fields []*SubField
}

// A SubField is a declared member of an object.
type SubField struct {
	Name     string // the JSON name
	GoName   string
	Type     Type
	Required bool
	Doc      string
}

// A Field is one column or document member.
type Field struct {
	Name   string // store name: email_exm; system fields have no TLA
	Public string // the name that callers use: email
	GoName string // Email
	Type   Type
	System bool
	// Required fields are never null. System fields but deleted are required.
	Required  bool
	Protected bool // callers read it and never set it
	Secret    bool // callers set it and never read it; in no filter, sort or log
	Default   *Value
	Doc       string
	Index     int // position in Template.Fields
}

// A Value is a constant of a template: a default or an operand. Text is its
// canonical form, the one that the envelope uses inside quotes where its type is
// quoted there: "true", "-12", "1.5", "12.30", "2026-01-31",
// "2026-01-31T23:59:59.000000Z", "0199…" in lower case, base64 or compact JSON.
type Value struct {
	Null bool
	Text string
}

// IndexKind says what an access path was declared as.
type IndexKind string

// The kinds of indexes.
const (
	IndexPrimary  IndexKind = "primary"
	IndexSingle   IndexKind = "single"
	IndexUnique   IndexKind = "unique"
	IndexCompound IndexKind = "compound"
	IndexPartial  IndexKind = "partial"
	IndexTTL      IndexKind = "ttl"
	IndexPattern  IndexKind = "pattern" // allows the prefix operator
)

// An Index is an access path: equality on leading keys, a range on the next,
// ordered by the keys and then by id.
type Index struct {
	Name string // public and part of SQL names: customer_created
	Kind IndexKind
	Keys []Key // one to four; the primary path has the key id
	// Unique is true for unique and primary indexes. The fields of a unique index
	// are required, so that both stores agree on what is equal.
	Unique bool
	Where  []Condition   // partial: constant conditions, equality only
	TTL    time.Duration // ttl: age of the key's value at which a record may go
	Doc    string
}

// A Key is a field with a direction.
type Key struct {
	Field *Field
	Desc  bool
}

// Op compares a field with an operand.
type Op string

// The operators. In takes a list; Prefix is for strings under a pattern index.
const (
	OpEq     Op = "eq"
	OpNe     Op = "ne"
	OpGt     Op = "gt"
	OpGte    Op = "gte"
	OpLt     Op = "lt"
	OpLte    Op = "lte"
	OpIn     Op = "in"
	OpPrefix Op = "prefix"
)

// A Condition compares a field with a parameter (Param set) or with constants
// (Values: one, or for OpIn one or more).
type Condition struct {
	Field  *Field
	Op     Op
	Param  *Param
	Values []Value
}

// A Query is a named access path: all its conditions must hold.
type Query struct {
	Name   string // open_by_customer
	GoName string // OpenByCustomer
	Doc    string
	Params []*Param // sorted by name
	Where  []Condition
	// Sort ends with id, so that the order is total. Fields in it may be null.
	Sort  []Key
	Limit int // default and largest page
}

// A Param is a typed, required parameter of a query. The operand of OpIn is a
// parameter of an array type.
type Param struct {
	Name   string
	GoName string
	Type   Type
	Doc    string
}

// Warehouse says how records age from hot to cool to cold.
type Warehouse struct {
	Stages []Stage
}

// A Stage is one step of ageing.
type Stage struct {
	Name   string        // cool or cold
	After  time.Duration // age since created
	Node   string        // segundo or a node's name
	Format string        // table, document, jsonl
}

// Declared returns the fields that the template declares, without system fields.
func (t *Template) Declared() []*Field {
	i := slices.IndexFunc(t.Fields, func(f *Field) bool { return !f.System })
	if i < 0 {
		return nil
	}
	return t.Fields[i:]
}

// Field returns the field with a store name, or nil.
func (t *Template) Field(name string) *Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Indexed returns the fields that occur in an index, in field order, without
// duplicates. Free filters of an ad_hoc template may name these and no others.
func (t *Template) Indexed() []*Field {
	in := make([]bool, len(t.Fields))
	for _, ix := range t.Indexes {
		for _, k := range ix.Keys {
			in[k.Field.Index] = true
		}
	}
	var fields []*Field
	for i, f := range t.Fields {
		if in[i] {
			fields = append(fields, f)
		}
	}
	return fields
}

// SoftDeletes reports whether a delete keeps the record, marked.
func (t *Template) SoftDeletes() bool { return t.Behaviour.Deletes == DeletesSoft }

// Procedure names. They are the contract between the node and the DBA.

// Procedure is the name of a procedure of the template: msOrder_get.
func (t *Template) Procedure(suffix string) string { return t.Collection + "_" + suffix }

// ByProcedure is the name of an index's procedure: msOrder_by_customer_created.
func (t *Template) ByProcedure(ix *Index) string { return t.Procedure("by_" + ix.Name) }

// GetProcedure is the name of the procedure that reads by the values of a unique index:
// msOrder_get_number.
func (t *Template) GetProcedure(ix *Index) string { return t.Procedure("get_" + ix.Name) }

// Identifies reports whether an index other than the primary one names a record.
func (ix *Index) Identifies() bool {
	return ix.Unique && ix.Kind != IndexPrimary && len(ix.Where) == 0
}

// QueryProcedure is the name of a query's procedure: msOrder_q_open_by_customer.
func (t *Template) QueryProcedure(q *Query) string { return t.Procedure("q_" + q.Name) }

// Package is the name of the template's Go package.
func (t *Template) Package() string { return strings.ReplaceAll(t.Name, "_", "") }
