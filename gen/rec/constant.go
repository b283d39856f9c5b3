package rec

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beds-project/beds/gen/model"
)

// Constant turns a value of the template into the canonical constant of a type.
// The error says in a few words why it is none.
func Constant(typ *model.Type, v *Value) (model.Value, error) {
	convert, ok := constants[typ.Kind]
	if !ok {
		return model.Value{}, fmt.Errorf("%s has no constants", typ.Kind)
	}
	s, err := convert(typ, v)
	return model.Value{Text: s}, err
}

var constants = map[model.Kind]func(*model.Type, *Value) (string, error){
	model.String:    stringConstant,
	model.Text:      textConstant,
	model.Integer:   integerConstant,
	model.Float:     floatConstant,
	model.Decimal:   decimalConstant,
	model.Boolean:   booleanConstant,
	model.Timestamp: timestampConstant,
	model.Date:      dateConstant,
	model.GUID:      guidConstant,
	model.Enum:      enumConstant,
	model.Binary:    binaryConstant,
}

func wants(what string, v *Value) error {
	return fmt.Errorf("expected %s, not %s", what, v.Kind)
}

func stringConstant(typ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString {
		return "", wants("a string", v)
	}
	if n := utf8.RuneCountInString(v.Text); n > typ.Max {
		return "", fmt.Errorf("it has %d characters, the maximum is %d", n, typ.Max)
	}
	return v.Text, nil
}

func textConstant(typ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString {
		return "", wants("a string", v)
	}
	if len(v.Text) > typ.Max {
		return "", fmt.Errorf("it has %d bytes, the maximum is %d", len(v.Text), typ.Max)
	}
	return v.Text, nil
}

func integerConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindInteger {
		return "", wants("an integer", v)
	}
	return strconv.FormatInt(v.Int, 10), nil
}

func floatConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindFloat && v.Kind != KindInteger {
		return "", wants("a number", v)
	}
	f, err := strconv.ParseFloat(strings.ReplaceAll(v.Text, "_", ""), 64)
	if v.Kind == KindInteger {
		f, err = float64(v.Int), nil
	}
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return "", errors.New("it is not a finite number")
	}
	if f == 0 {
		f = 0 // minus nought equals nought in both stores
	}
	return strconv.FormatFloat(f, 'g', -1, 64), nil
}

// decimalConstant works on the digits as written, never on a float.
func decimalConstant(typ *model.Type, v *Value) (string, error) {
	if v.Kind&(KindString|KindInteger|KindFloat) == 0 {
		return "", wants("a decimal such as \"12.50\"", v)
	}
	s := v.Text
	if v.Kind == KindInteger {
		s = strconv.FormatInt(v.Int, 10)
	}
	s, negative := strings.CutPrefix(strings.ReplaceAll(s, "_", ""), "-")
	whole, frac, point := strings.Cut(strings.TrimPrefix(s, "+"), ".")
	if !digits(whole) || whole == "" || point && frac == "" || !digits(frac) {
		return "", errors.New("it is not a decimal such as \"12.50\"")
	}
	whole = strings.TrimLeft(whole, "0")
	if len(frac) > typ.Scale {
		return "", fmt.Errorf("it has %d digits after the point, the type has %d", len(frac), typ.Scale)
	}
	if most := typ.Precision - typ.Scale; len(whole) > most {
		return "", fmt.Errorf("it has %d digits before the point, the type has %d", len(whole), most)
	}
	frac += strings.Repeat("0", typ.Scale-len(frac))
	negative = negative && strings.Trim(whole+frac, "0") != ""
	if whole == "" {
		whole = "0"
	}
	if frac != "" {
		whole += "." + frac
	}
	if negative {
		whole = "-" + whole
	}
	return whole, nil
}

func digits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

func booleanConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindBoolean {
		return "", wants("true or false", v)
	}
	return v.Text, nil
}

// timestampForm is RFC 3339 in UTC with microseconds.
const timestampForm = "2006-01-02T15:04:05.000000Z"

func timestampConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString && v.Kind != KindDateTime {
		return "", wants("a timestamp such as \"2026-01-31T12:00:00Z\"", v)
	}
	// TOML allows a space or a small t between date and time.
	s := strings.ToUpper(strings.Replace(v.Text, " ", "T", 1))
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return "", errors.New("it is not a timestamp with an offset, such as \"2026-01-31T12:00:00Z\"")
	}
	if at.Nanosecond()%1000 != 0 {
		return "", errors.New("a timestamp has at most six digits after the seconds")
	}
	if at = at.UTC(); at.Year() < 1 || at.Year() > 9999 {
		return "", errors.New("a timestamp lies in the years 1 to 9999 of UTC")
	}
	return at.Format(timestampForm), nil
}

func dateConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString && v.Kind != KindLocalDate {
		return "", wants("a date such as \"2026-01-31\"", v)
	}
	day, err := time.Parse(time.DateOnly, v.Text)
	if err != nil || day.Year() < 1 {
		return "", errors.New("it is not a date such as \"2026-01-31\"")
	}
	return v.Text, nil
}

func guidConstant(_ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString {
		return "", wants("a guid", v)
	}
	const form = "00000000-0000-0000-0000-000000000000"
	s := strings.ToLower(v.Text)
	valid := len(s) == len(form)
	for i := 0; valid && i < len(s); i++ {
		dash := form[i] == '-'
		hex := '0' <= s[i] && s[i] <= '9' || 'a' <= s[i] && s[i] <= 'f'
		valid = dash && s[i] == '-' || !dash && hex
	}
	if !valid {
		return "", errors.New("it is not a guid of 32 hexadecimal digits in groups of 8-4-4-4-12")
	}
	return s, nil
}

func enumConstant(typ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString {
		return "", wants("one of its values as a string", v)
	}
	if !slices.Contains(typ.Values, v.Text) {
		return "", &NotInEnum{Got: v.Text, Known: typ.Values}
	}
	return v.Text, nil
}

// NotInEnum is the error for a value that an enum does not have.
type NotInEnum struct {
	Got   string
	Known []string
}

func (e *NotInEnum) Error() string {
	const most = 8
	list := e.Known[:min(most, len(e.Known))]
	text := strings.Join(list, ", ")
	if len(list) < len(e.Known) {
		text += ", …"
	}
	return fmt.Sprintf("%q is not one of the values %s", clip(e.Got), clipTo(text, 200))
}

func binaryConstant(typ *model.Type, v *Value) (string, error) {
	if v.Kind != KindString {
		return "", wants("base64 as a string", v)
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(v.Text)
	if err != nil {
		return "", errors.New("it is not base64")
	}
	if len(raw) > typ.Max {
		return "", fmt.Errorf("it has %d bytes, the maximum is %d", len(raw), typ.Max)
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// DefaultValue turns a field's default into its canonical form. Lists, objects and
// binaries have one only where it is empty: "", [] and {}.
func (f *Field) DefaultValue() (model.Value, error) {
	v := f.Default
	switch f.Type.Kind {
	case model.Array:
		if v.Kind != KindList || len(v.List) > 0 {
			return model.Value{}, errors.New("the default of an array is [] or none")
		}
		return model.Value{Text: "[]"}, nil
	case model.Object:
		if v.Kind != KindTable || len(v.Table.Entries) > 0 {
			return model.Value{}, errors.New("the default of an object is {} or none")
		}
		return model.Value{Text: "{}"}, nil
	case model.Binary:
		if v.Kind != KindString || v.Text != "" {
			return model.Value{}, errors.New("the default of a binary is \"\" or none")
		}
		return model.Value{}, nil
	}
	return Constant(&f.Type.Type, v)
}
