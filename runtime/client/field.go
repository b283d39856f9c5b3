package client

import (
	"time"

	"github.com/beds-project/beds/runtime/record"
)

// Fields of records in filters, sorts, projections and changes: the public name, with
// a type that knows which values go with it. Generated code declares them as
// constants. They are types of their own and not instances of a generic one, since
// the compiler would make all methods of an instance anew in every generated package.
type (
	// TextField is a string, a text or an enum.
	TextField string
	// IntegerField is a whole number.
	IntegerField string
	// FloatField is a floating-point number.
	FloatField string
	// DecimalField is an exact decimal.
	DecimalField string
	// BooleanField is true or false.
	BooleanField string
	// TimeField is a timestamp.
	TimeField string
	// DateField is a day.
	DateField string
	// GUIDField is an id.
	GUIDField string
	// BinaryField is a string of bytes.
	BinaryField string
	// JSONField is free JSON.
	JSONField string
)

// Name is the public name.
func (f TextField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f TextField) Eq(v string) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f TextField) Gt(v string) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f TextField) Gte(v string) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f TextField) Lt(v string) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f TextField) Lte(v string) Condition { return condition(string(f), "lte", v) }

// Prefix is satisfied by strings that begin with this one; it needs a pattern index.
func (f TextField) Prefix(v string) Condition { return condition(string(f), "prefix", v) }

// IsNull is satisfied by records where the field is null.
func (f TextField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f TextField) To(v string) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f TextField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f IntegerField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f IntegerField) Eq(v int64) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f IntegerField) Gt(v int64) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f IntegerField) Gte(v int64) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f IntegerField) Lt(v int64) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f IntegerField) Lte(v int64) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f IntegerField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f IntegerField) To(v int64) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f IntegerField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f FloatField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f FloatField) Eq(v float64) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f FloatField) Gt(v float64) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f FloatField) Gte(v float64) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f FloatField) Lt(v float64) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f FloatField) Lte(v float64) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f FloatField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f FloatField) To(v float64) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f FloatField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f DecimalField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f DecimalField) Eq(v record.Decimal) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f DecimalField) Gt(v record.Decimal) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f DecimalField) Gte(v record.Decimal) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f DecimalField) Lt(v record.Decimal) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f DecimalField) Lte(v record.Decimal) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f DecimalField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f DecimalField) To(v record.Decimal) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f DecimalField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f TimeField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f TimeField) Eq(v time.Time) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f TimeField) Gt(v time.Time) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f TimeField) Gte(v time.Time) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f TimeField) Lt(v time.Time) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f TimeField) Lte(v time.Time) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f TimeField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f TimeField) To(v time.Time) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f TimeField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f DateField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f DateField) Eq(v record.Date) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f DateField) Gt(v record.Date) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f DateField) Gte(v record.Date) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f DateField) Lt(v record.Date) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f DateField) Lte(v record.Date) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f DateField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f DateField) To(v record.Date) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f DateField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f GUIDField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f GUIDField) Eq(v record.GUID) Condition { return condition(string(f), "eq", v) }

// Gt is satisfied by greater values.
func (f GUIDField) Gt(v record.GUID) Condition { return condition(string(f), "gt", v) }

// Gte is satisfied by this value and greater ones.
func (f GUIDField) Gte(v record.GUID) Condition { return condition(string(f), "gte", v) }

// Lt is satisfied by smaller values.
func (f GUIDField) Lt(v record.GUID) Condition { return condition(string(f), "lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f GUIDField) Lte(v record.GUID) Condition { return condition(string(f), "lte", v) }

// IsNull is satisfied by records where the field is null.
func (f GUIDField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f GUIDField) To(v record.GUID) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f GUIDField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f BooleanField) Name() string { return string(f) }

// Eq is satisfied by records with exactly this value.
func (f BooleanField) Eq(v bool) Condition { return condition(string(f), "eq", v) }

// IsNull is satisfied by records where the field is null.
func (f BooleanField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f BooleanField) To(v bool) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f BooleanField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f BinaryField) Name() string { return string(f) }

// IsNull is satisfied by records where the field is null.
func (f BinaryField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f BinaryField) To(v []byte) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f BinaryField) ToNull() Change { return toNull(string(f)) }

// Name is the public name.
func (f JSONField) Name() string { return string(f) }

// IsNull is satisfied by records where the field is null.
func (f JSONField) IsNull() Condition { return isNull(string(f)) }

// To is a change of the field in an update.
func (f JSONField) To(v record.JSON) Change { return change(string(f), v) }

// ToNull is a change of the field to null.
func (f JSONField) ToNull() Change { return toNull(string(f)) }
