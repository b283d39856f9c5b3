package rec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beds-project/beds/gen/model"
)

// Limits and defaults of types.
const (
	// MaxString is the longest string in characters: VARCHAR(16383) of four-byte
	// characters is the longest that fits a MariaDB row.
	MaxString     = 16383
	DefaultString = 255
	// MaxBlob is the longest text or binary in bytes. A MongoDB document holds
	// 16 MiB in all; one is left for the other fields.
	MaxBlob       = 15 << 20
	DefaultText   = 1 << 20
	DefaultBinary = 65535
	// MaxElements bounds what one record can put into one array.
	MaxElements     = 100_000
	DefaultElements = 1000
	// MaxPrecision is what a MongoDB Decimal128 holds exactly.
	MaxPrecision = 34
	// MaxEnum and MaxEnumLength bound the values of an enum.
	MaxEnum       = 256
	MaxEnumLength = 64
)

// TypeNames lists the types of the format.
var TypeNames = []string{
	"string", "text", "integer", "float", "decimal", "boolean", "timestamp", "date",
	"guid", "enum", "binary", "object", "array",
}

// synonyms are the names of types in other languages, for suggestions only.
var synonyms = map[string]string{
	"int": "integer", "int32": "integer", "int64": "integer", "bigint": "integer", "long": "integer",
	"double": "float", "float64": "float", "real": "float", "number": "decimal", "numeric": "decimal", "money": "decimal",
	"bool": "boolean", "varchar": "string", "char": "string", "str": "string", "longtext": "text", "clob": "text",
	"datetime": "timestamp", "time": "timestamp", "uuid": "guid", "blob": "binary", "bytes": "binary",
	"json": "object", "map": "object", "struct": "object", "list": "array", "set": "array",
}

// meant is the name that a suggestion should start from.
func meant(name string) string {
	if synonym, ok := synonyms[strings.ToLower(name)]; ok {
		return synonym
	}
	return name
}

// A typeReader reads the text of a type and everything that goes with it.
type typeReader struct {
	t    *Template
	span Span
}

func (r typeReader) problem(kind ProblemKind, format string, args ...any) {
	r.t.problem(kind, r.span, format, args...)
}

// typeSyntax splits "name", "name(args)" and "array<element>(args)".
var typeSyntax = regexp.MustCompile(`^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:<(.*)>)?\s*(?:\(([^()<>]*)\))?\s*$`)

// parse reads a type's text. The result has no Kind after a problem.
func (r typeReader) parse(text string, nested bool) model.Type {
	name, elem, args, ok := splitType(text)
	if !ok {
		r.problem(ProblemTypeName, "%q is not a type; write it like \"string(40)\", \"decimal(12,2)\" or \"array<string>\"", clip(text))
		return model.Type{}
	}
	kind := model.Kind(name)
	if !known(name) {
		r.t.Problems = append(r.t.Problems, Problem{
			Kind: ProblemTypeName, Span: r.span, Got: meant(name), Known: TypeNames,
			Message: fmt.Sprintf("unknown type %q; the types are %s", clip(name), strings.Join(TypeNames, ", ")),
		})
		return model.Type{}
	}
	if elem != "" && kind != model.Array {
		r.problem(ProblemTypeParams, "only an array has an element type; %s has none", name)
		return model.Type{}
	}
	typ := model.Type{Kind: kind}
	if kind == model.Array && !r.element(&typ, elem, nested) {
		return model.Type{}
	}
	if !r.arguments(&typ, args) {
		return model.Type{}
	}
	return typ
}

// splitType takes the plain names past the regular expression, which would
// otherwise be most of the time of reading a template.
func splitType(text string) (name, elem, args string, ok bool) {
	if known(text) {
		return text, "", "", true
	}
	m := typeSyntax.FindStringSubmatch(text)
	if m == nil {
		return "", "", "", false
	}
	return m[1], m[2], m[3], true
}

func known(name string) bool {
	for _, n := range TypeNames {
		if n == name {
			return true
		}
	}
	return false
}

func (r typeReader) element(typ *model.Type, elem string, nested bool) bool {
	if nested {
		r.problem(ProblemTypeParams, "an array of arrays is not supported; declare an object or a second template")
		return false
	}
	if elem == "" {
		r.problem(ProblemTypeParams, "an array needs the type of its elements: \"array<string>\"")
		return false
	}
	e := r.parse(elem, true)
	switch e.Kind {
	case "":
		return false
	case model.Text, model.Binary, model.Object:
		r.problem(ProblemTypeParams, "the elements of an array are scalars other than text and binary, not %s", e.Kind)
		return false
	}
	typ.Elem = &e
	return true
}

// arguments applies what stands between parentheses, or the defaults.
func (r typeReader) arguments(typ *model.Type, args string) bool {
	var numbers []int
	if args != "" {
		for arg := range strings.SplitSeq(args, ",") {
			n, err := strconv.Atoi(strings.TrimSpace(arg))
			if err != nil {
				r.problem(ProblemTypeParams, "the parameters of a type are whole numbers, not %q", clip(strings.TrimSpace(arg)))
				return false
			}
			numbers = append(numbers, n)
		}
	}
	if typ.Kind == model.Decimal {
		return r.decimal(typ, numbers)
	}
	typ.Max = defaultMax(typ.Kind)
	switch {
	case len(numbers) == 0:
		return true
	case len(numbers) > 1:
		r.problem(ProblemTypeParams, "%s takes one parameter, not %d", typ.Kind, len(numbers))
		return false
	}
	return r.max(typ, int64(numbers[0]))
}

func (r typeReader) decimal(typ *model.Type, numbers []int) bool {
	if len(numbers) != 2 {
		r.problem(ProblemTypeParams, "a decimal needs digits in all and digits after the point: \"decimal(12,2)\"")
		return false
	}
	p, s := numbers[0], numbers[1]
	if p < 1 || p > MaxPrecision {
		r.problem(ProblemTypeParams, "a decimal has 1 to %d digits in all, not %d", MaxPrecision, p)
		return false
	}
	if s < 0 || s > p {
		r.problem(ProblemTypeParams, "the digits after the point are 0 to %d of %d, not %d", p, p, s)
		return false
	}
	typ.Precision, typ.Scale = p, s
	return true
}

// max applies an explicit maximum.
func (r typeReader) max(typ *model.Type, n int64) bool {
	most := largestMax(typ.Kind)
	if most == 0 {
		r.problem(ProblemTypeParams, "%s takes no maximum; string, text, binary and array do", typ.Kind)
		return false
	}
	if n < 1 || n > int64(most) {
		hint := ""
		if typ.Kind == model.String && n > 0 {
			hint = "; longer texts are of type \"text\""
		}
		r.problem(ProblemTypeParams, "the maximum of %s is 1 to %d, not %d%s", typ.Kind, most, n, hint)
		return false
	}
	typ.Max = int(n)
	return true
}

func defaultMax(k model.Kind) int {
	switch k {
	case model.String:
		return DefaultString
	case model.Text:
		return DefaultText
	case model.Binary:
		return DefaultBinary
	case model.Array:
		return DefaultElements
	}
	return 0
}

func largestMax(k model.Kind) int {
	switch k {
	case model.String:
		return MaxString
	case model.Text, model.Binary:
		return MaxBlob
	case model.Array:
		return MaxElements
	}
	return 0
}

// values gives an enum its values. What is wrong with them is for a rule to say.
func (typ *Type) values(v *Value) {
	enum := &typ.Type
	if enum.Kind == model.Array {
		enum = enum.Elem
	}
	typ.Values = v
	for _, e := range v.List {
		if e.Kind == KindString {
			enum.Values = append(enum.Values, e.Text)
			enum.Max = max(enum.Max, utf8.RuneCountInString(e.Text))
		}
	}
}

// Enum returns the enum within a type: itself, an array's element, or nil.
func (typ *Type) Enum() *model.Type {
	switch {
	case typ.Kind == model.Enum:
		return &typ.Type
	case typ.Kind == model.Array && typ.Elem.Kind == model.Enum:
		return typ.Elem
	}
	return nil
}
