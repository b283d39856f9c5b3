package rec

// Kind is the TOML type of a value. Kinds are bits, so that a set of them is a
// Kind too.
type Kind uint16

// The kinds of TOML values.
const (
	KindString Kind = 1 << iota
	KindInteger
	KindFloat
	KindBoolean
	KindDateTime      // with an offset
	KindLocalDateTime // without one
	KindLocalDate
	KindLocalTime
	KindList
	KindTable
)

// KindScalar is every kind but lists and tables.
const KindScalar = KindList - 1

var kindNames = []struct {
	kind Kind
	name string
}{
	{KindString, "a string"},
	{KindInteger, "an integer"},
	{KindFloat, "a float"},
	{KindBoolean, "true or false"},
	{KindDateTime, "a date-time"},
	{KindLocalDateTime, "a date-time without offset"},
	{KindLocalDate, "a date"},
	{KindLocalTime, "a time"},
	{KindList, "a list"},
	{KindTable, "a table"},
}

// String names the kinds of a set: "a string or a list".
func (k Kind) String() string {
	text := ""
	for _, n := range kindNames {
		if k&n.kind == 0 {
			continue
		}
		if text != "" {
			text += " or "
		}
		text += n.name
	}
	return text
}

// A Value is a TOML value. Text is the decoded string or, for other scalars, what
// the file says; Int is set for integers.
type Value struct {
	Kind  Kind
	Span  Span
	Text  string
	Int   int64
	List  []*Value
	Table *Table
}

// Bool is the value of a boolean.
func (v *Value) Bool() bool { return v.Text == "true" }

// An Entry is a key with its value.
type Entry struct {
	Key     string
	KeySpan Span
	Value   *Value
}

// A Table is a TOML table. Its entries keep the order of the file; every key
// occurs once, since a second one is a problem and is left out.
type Table struct {
	Entries []*Entry

	origin origin
	index  map[string]*Entry // built when the table has grown
}

// origin is how a table came into being; TOML forbids to add to a table in
// another way than the one in which it was made.
type origin int

const (
	originImplied origin = iota // a parent of a [header]
	originHeader                // [header]
	originDotted                // a.b = …
	originInline                // { … }
	originList                  // an element of [[header]]
)

// indexFrom is the number of entries from which a map is faster than a walk.
const indexFrom = 12

// Get returns the entry with a key, or nil.
func (t *Table) Get(key string) *Entry {
	if t.index != nil {
		return t.index[key]
	}
	for _, e := range t.Entries {
		if e.Key == key {
			return e
		}
	}
	return nil
}

// add appends an entry whose key is new to the table.
func (t *Table) add(e *Entry) {
	t.Entries = append(t.Entries, e)
	switch {
	case t.index != nil:
		t.index[e.Key] = e
	case len(t.Entries) == indexFrom:
		t.index = make(map[string]*Entry, 2*indexFrom)
		for _, e := range t.Entries {
			t.index[e.Key] = e
		}
	}
}
