// Package stub is a store without a database, so that what is measured is everything but one: class T0.
package stub

import (
	"context"
	"time"

	"github.com/beds-project/beds/runtime"
)

// Store answers reads by id with one fixed record under the id that was asked for, and every write as done.
// What the benchmark does not use is left to the nil interface and would crash.
type Store struct {
	runtime.Store
	created int64
}

// New makes a stub.
func New() *Store { return &Store{created: time.Now().UnixMicro()} }

// Name is "stub".
func (s *Store) Name() string { return "stub" }

// Get gives a record of its own for each id, as a store does.
func (s *Store) Get(_ context.Context, t *runtime.Template, ids []runtime.GUID) ([]runtime.Row, error) {
	rows := make([]runtime.Row, len(ids))
	for i, id := range ids {
		rows[i] = s.row(t, id)
	}
	return rows, nil
}

// Insert reports every record as stored.
func (s *Store) Insert(_ context.Context, _ *runtime.Template, items []runtime.Insert, _ bool) ([]runtime.Outcome, error) {
	out := make([]runtime.Outcome, len(items))
	for i := range items {
		r := items[i].Row
		out[i] = runtime.Outcome{ID: runtime.GUIDOf(r[runtime.FieldID]), Created: r[runtime.FieldCreated].Int,
			Updated: r[runtime.FieldUpdated].Int, Revision: 1}
	}
	return out, nil
}

func (s *Store) row(t *runtime.Template, id runtime.GUID) runtime.Row {
	row := make(runtime.Row, len(t.Fields))
	for i := range t.Fields {
		row[i] = value(&t.Fields[i])
	}
	row[runtime.FieldID] = id.Value()
	row[runtime.FieldCreated] = runtime.IntValue(s.created)
	row[runtime.FieldUpdated] = runtime.IntValue(s.created)
	row[runtime.FieldRevision] = runtime.IntValue(1)
	if t.SoftDeletes() {
		row[runtime.FieldDeleted] = runtime.NullValue()
	}
	return row
}

// value is something of the field's kind, of the length that such things have.
func value(f *runtime.Field) runtime.Value {
	switch f.Type.Kind {
	case runtime.Integer, runtime.Boolean:
		return runtime.IntValue(1)
	case runtime.Float:
		return runtime.FloatValue(1.5)
	case runtime.Timestamp:
		return runtime.IntValue(1_790_000_000_000_000)
	case runtime.Decimal:
		return runtime.StrValue("199.95")
	case runtime.Date:
		return runtime.StrValue("2026-11-24")
	case runtime.GUIDKind:
		return runtime.StrValue("0123456789abcdef")
	case runtime.Object:
		return runtime.StrValue(`{"city":"London","country":"GB","name":"Ada","street":"12 St James's Square"}`)
	case runtime.Array:
		return runtime.StrValue(`["gift","fragile"]`)
	case runtime.Enum:
		return runtime.StrValue(f.Type.Values[0])
	}
	return runtime.StrValue("S-2026-000123")
}
