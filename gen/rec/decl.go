package rec

import (
	"time"

	"github.com/beds-project/beds/gen/model"
)

// An Opt is a value that the template may leave out. Where it is set, Span is the
// place of the value.
type Opt[T any] struct {
	Value T
	Span  Span
	Set   bool
}

// Or returns the value or, where it is not set, a default.
func (o Opt[T]) Or(def T) T {
	if o.Set {
		return o.Value
	}
	return def
}

// A Template is one REC file as it was written. What was left out or could not
// be understood is missing here too; values of the wrong TOML type count as left
// out.
type Template struct {
	File string // as given, with slashes
	Name string // from the file name
	Root *Table

	Version      Opt[int64]
	Schema       Opt[string]
	Service      Opt[string]
	Class        Opt[string]
	Collection   Opt[string]
	Extension    Opt[string] // with its underscore
	Doc          Opt[string]
	ClosedClass  Opt[bool]
	IsInternal   Opt[bool]
	Behaviour    Behaviour
	Fields       []*Field
	Protected    []Ref
	Secret       []Ref
	Aliases      []Alias // [cache_map]
	Indexes      []*Index
	Queries      []*Query
	Warehouse    []*Stage
	HasWarehouse bool

	// Problems is what could not be read, in the order of reading.
	Problems []Problem
	// Broken is set after a syntax error: what is missing may just be unreadable.
	Broken bool

	src    []byte
	lines  lines
	fields map[string]*Field
	public map[string]string // from Aliases
}

// Defaults of the [behaviour] table's bounds.
const (
	DefaultMaxBatch = 256
	DefaultMaxLimit = 100
)

// Behaviour is the [behaviour] table.
type Behaviour struct {
	Updates  Opt[bool]
	Deletes  Opt[string]
	Audit    Opt[bool]
	Journal  Opt[bool]
	Locking  Opt[bool]
	Cache    Opt[time.Duration]
	MaxBatch Opt[int64]
	MaxLimit Opt[int64]
	AdHoc    Opt[bool]
}

// A Field is a declared field or, within an object, a sub-field.
type Field struct {
	Name     string
	Span     Span // of the name
	Type     Type
	Required Opt[bool]
	Default  *Value
	Doc      Opt[string]
	Sub      []*Field // of an object, in the order of the file
}

// A Type is a type with its place. Its Kind is empty where it could not be read.
type Type struct {
	model.Type
	Span Span
	// Values is the list of an enum's values as written, or nil.
	Values *Value
	// Max is the place of an explicit max.
	Max Opt[int64]
}

// A Ref names a field.
type Ref struct {
	Name string
	Desc bool // written with a leading minus
	Span Span
}

// An Alias is an entry of [cache_map].
type Alias struct {
	Field  Ref
	Public string
	Span   Span // of the public name
}

// An Index is a declared access path.
type Index struct {
	Name  string
	Span  Span   // of the name, or of what it was derived from
	Table string // where it was declared: unique_indexes
	Kind  model.IndexKind
	Keys  []Ref
	Where []*Condition
	TTL   Opt[time.Duration]
	Doc   Opt[string]
}

// A Condition compares a field with an operand.
type Condition struct {
	Field   Ref
	Op      string // as written; eq where none was
	OpSpan  Span
	Operand *Value
	// Param is the name of the parameter that the operand refers to, or empty.
	Param string
}

// A Query is an entry of [queries].
type Query struct {
	Name   string
	Span   Span
	Doc    Opt[string]
	Params []*Param
	Where  []*Condition
	Sort   []Ref
	Limit  Opt[int64]

	params map[string]*Param
}

// Param returns the parameter with a name, or nil.
func (q *Query) Param(name string) *Param { return q.params[name] }

// A Param is a parameter of a query.
type Param struct {
	Name string
	Span Span
	Type Type
	Doc  Opt[string]
}

// A Stage is one table of [warehouse].
type Stage struct {
	Name   string
	Span   Span
	After  Opt[time.Duration]
	Node   Opt[string]
	Format Opt[string]
}

// Field returns the declared field with a name, or nil.
func (t *Template) Field(name string) *Field { return t.fields[name] }

// SoftDeletes reports whether the template has the field deleted.
func (t *Template) SoftDeletes() bool {
	return t.Behaviour.Deletes.Or(string(model.DeletesSoft)) == string(model.DeletesSoft)
}

// TLA is the extension without its underscore.
func (t *Template) TLA() string {
	if e := t.Extension.Value; len(e) > 1 && e[0] == '_' {
		return e[1:]
	}
	return ""
}
