package rec

// A Shape says which keys a table may have. It is what the rules about keys, the
// JSON schema and the reference manual have in common.
type Shape struct {
	Keys []*Key
	// Any describes the keys of a table whose names are free, or is nil.
	Any *Key
}

// A Key is an entry that a table may or must have.
type Key struct {
	Name     string
	Doc      string
	Kinds    Kind
	Required bool
	Values   []string // the strings allowed, where they are few
	Elem     Kind     // of a list: the kinds of its elements
	Table    *Shape   // of a table, or of each table in a list
}

// Find returns what a shape says about a key, or nil if it does not know it.
func (s *Shape) Find(name string) *Key {
	for _, k := range s.Keys {
		if k.Name == name {
			return k
		}
	}
	return s.Any
}

// Names lists the fixed keys.
func (s *Shape) Names() []string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Name
	}
	return names
}

// Services are the node roles that can own a domain.
var Services = []string{"app_server", "admin", "segundo", "tercero"}

// Format is the shape of a whole template.
var Format = &Shape{Keys: []*Key{
	{Name: "version", Kinds: KindInteger, Required: true, Doc: "a whole number from 1 that goes up when the fields change"},
	{Name: "schema", Kinds: KindString, Required: true, Values: []string{"rec", "rel"}, Doc: "the home store: rec (MongoDB) or rel (MariaDB)"},
	{Name: "service", Kinds: KindString, Required: true, Values: Services, Doc: "the node role that owns the data"},
	{Name: "template_class", Kinds: KindString, Required: true, Doc: "the name of the Go type"},
	{Name: "collection", Kinds: KindString, Required: true, Doc: "the name in the store: the two-letter white-box id and a name, such as msOrder"},
	{Name: "extension", Kinds: KindString, Required: true, Doc: "the three-letter tag that ends every field's name, such as \"_ord\""},
	{Name: "closed_class", Kinds: KindBoolean, Doc: "only BEDS itself may use the template"},
	{Name: "is_internal", Kinds: KindBoolean, Doc: "left out of the public catalogue"},
	{Name: "doc", Kinds: KindString, Doc: "one sentence about the domain"},
	{Name: "protected_fields", Kinds: KindList, Elem: KindString, Doc: "fields that callers never set"},
	{Name: "secret_fields", Kinds: KindList, Elem: KindString, Doc: "fields that callers never read"},
	{Name: "index_fields", Kinds: KindList, Elem: KindString, Doc: "fields with a plain index"},
	{Name: "behaviour", Kinds: KindTable, Table: behaviourShape, Doc: "what the domain can do"},
	{Name: "fields", Kinds: KindTable, Required: true, Table: &Shape{Any: fieldKey}, Doc: "the fields"},
	{Name: "cache_map", Kinds: KindTable, Table: &Shape{Any: &Key{Kinds: KindString}}, Doc: "public names of fields"},
	{Name: "single_field_indexes", Kinds: KindTable | KindList, Elem: KindString, Table: &Shape{Any: &Key{Kinds: KindString | KindInteger}}, Doc: "indexes over one field"},
	{Name: "unique_indexes", Kinds: KindTable | KindList, Elem: KindString, Table: &Shape{Any: &Key{Kinds: KindString | KindBoolean | KindList, Elem: KindString}}, Doc: "indexes over values that occur once"},
	{Name: "compound_indexes", Kinds: KindTable, Table: &Shape{Any: &Key{Kinds: KindList, Elem: KindString}}, Doc: "indexes over several fields"},
	{Name: "partial_indexes", Kinds: KindList, Elem: KindTable, Table: partialShape, Doc: "indexes over some of the records"},
	{Name: "ttl_indexes", Kinds: KindTable, Table: &Shape{Any: &Key{Kinds: KindString}}, Doc: "when records vanish"},
	{Name: "regex_pattern_indexing", Kinds: KindTable, Table: &Shape{Any: &Key{Kinds: KindString | KindBoolean}}, Doc: "fields that can be searched by prefix"},
	{Name: "queries", Kinds: KindTable, Table: &Shape{Any: &Key{Kinds: KindTable, Table: queryShape}}, Doc: "named access paths"},
	{Name: "warehouse", Kinds: KindTable, Table: warehouseShape, Doc: "how records age"},
}}

var behaviourShape = &Shape{Keys: []*Key{
	{Name: "updates", Kinds: KindBoolean, Doc: "records can be changed"},
	{Name: "deletes", Kinds: KindString, Values: []string{"soft", "hard", "none"}, Doc: "what a delete does"},
	{Name: "audit", Kinds: KindBoolean, Doc: "who changed what is recorded"},
	{Name: "journal", Kinds: KindBoolean, Doc: "every version is kept"},
	{Name: "locking", Kinds: KindBoolean, Doc: "an update names the revision that it is based on"},
	{Name: "cache", Kinds: KindString | KindBoolean, Doc: "how long a node may answer from memory"},
	{Name: "max_batch", Kinds: KindInteger, Doc: "operations in one message"},
	{Name: "max_limit", Kinds: KindInteger, Doc: "records in one page"},
	{Name: "ad_hoc", Kinds: KindBoolean, Doc: "free filters over indexed fields"},
}}

// valueKeys are the keys that fields, sub-fields and parameters share.
var (
	typeKey     = &Key{Name: "type", Kinds: KindString, Required: true, Doc: "the type, such as \"string(40)\""}
	maxKey      = &Key{Name: "max", Kinds: KindInteger, Doc: "characters, bytes or elements at most"}
	valuesKey   = &Key{Name: "values", Kinds: KindList, Elem: KindString, Doc: "the values of an enum"}
	docKey      = &Key{Name: "doc", Kinds: KindString, Doc: "one sentence"}
	requiredKey = &Key{Name: "required", Kinds: KindBoolean, Doc: "never null"}
	defaultKey  = &Key{Name: "default", Kinds: KindScalar | KindList | KindTable, Doc: "the value of a field that is not given"}
)

var fieldKey = &Key{Kinds: KindString | KindTable, Table: &Shape{Keys: []*Key{
	typeKey, maxKey, requiredKey, defaultKey, valuesKey, docKey,
	{Name: "fields", Kinds: KindTable, Table: &Shape{Any: subFieldKey}, Doc: "the sub-fields of an object"},
}}}

var subFieldKey = &Key{Kinds: KindString | KindTable, Table: &Shape{Keys: []*Key{
	typeKey, maxKey, requiredKey, valuesKey, docKey,
}}}

func init() {
	// Objects within objects: the shape contains itself.
	subFieldKey.Table.Keys = append(subFieldKey.Table.Keys, &Key{
		Name: "fields", Kinds: KindTable, Table: &Shape{Any: subFieldKey}, Doc: "the sub-fields of an object",
	})
}

var partialShape = &Shape{Keys: []*Key{
	{Name: "name", Kinds: KindString, Required: true, Doc: "the name of the index"},
	{Name: "fields", Kinds: KindList, Elem: KindString, Required: true, Doc: "the fields, in order"},
	{Name: "where", Kinds: KindTable, Required: true, Table: &Shape{Any: &Key{Kinds: KindScalar | KindList | KindTable}}, Doc: "which records: field = constant"},
	docKey,
}}

var queryShape = &Shape{Keys: []*Key{
	docKey,
	{Name: "params", Kinds: KindTable, Table: &Shape{Any: paramKey}, Doc: "the parameters and their types"},
	{Name: "filter", Kinds: KindTable, Table: &Shape{Any: operandKey}, Doc: "the conditions, all of which must hold"},
	{Name: "sort", Kinds: KindList, Elem: KindString, Doc: "the order, with a minus for descending"},
	{Name: "limit", Kinds: KindInteger, Doc: "records in one page"},
}}

var paramKey = &Key{Kinds: KindString | KindTable, Table: &Shape{Keys: []*Key{typeKey, maxKey, valuesKey, docKey}}}

// operandKey leaves the operators within a condition to the rule about them.
var operandKey = &Key{Kinds: KindScalar | KindList | KindTable}

var warehouseShape = &Shape{Keys: []*Key{
	{Name: "cool", Kinds: KindTable, Table: stageShape, Doc: "the first step of ageing"},
	{Name: "cold", Kinds: KindTable, Table: stageShape, Doc: "the last step of ageing"},
}}

var stageShape = &Shape{Keys: []*Key{
	{Name: "after", Kinds: KindString, Required: true, Doc: "the age at which records move, such as \"90d\""},
	{Name: "node", Kinds: KindString, Required: true, Doc: "segundo, or the name of a node"},
	{Name: "format", Kinds: KindString, Required: true, Values: []string{"table", "document", "jsonl"}, Doc: "the form in which records are kept"},
}}
