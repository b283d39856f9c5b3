package maria

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"slices"
	"strconv"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// What one CALL carries at most. More is sent in several, unless it is to be
// atomic. Beyond a few hundred rows a call costs no less a row, and a packet of
// the server ends at 16 MiB by default.
const (
	maxRows  = 1000
	maxBytes = 4 << 20
)

// Insert writes new records.
func (s *Store) Insert(ctx context.Context, t *runtime.Template, items []runtime.Insert, atomic bool) ([]runtime.Outcome, error) {
	l := s.layout(t)
	order := positions(len(items))
	if len(items) > 1 {
		// Calls that carry the same keys meet them in the same order.
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(items[a].Key, items[b].Key) })
	}
	w := &writer{store: s, l: l, procedure: l.insert, atomic: atomic, order: order, outcomes: make([]runtime.Outcome, len(items))}
	w.appendRow = func(dst []byte, i int) []byte { return l.appendInsert(dst, &items[i]) }
	w.asSent = func(i int) runtime.Outcome {
		row := items[i].Row
		return runtime.Outcome{
			ID: runtime.GUIDOf(row[runtime.FieldID]), Created: row[runtime.FieldCreated].Int,
			Updated: row[runtime.FieldUpdated].Int, Revision: row[runtime.FieldRevision].Int,
		}
	}
	return w.run(ctx)
}

// Update changes records.
func (s *Store) Update(ctx context.Context, t *runtime.Template, items []runtime.Update, atomic bool) ([]runtime.Outcome, error) {
	if !t.Behaviour.Updates {
		return nil, unsupported("%s takes no updates", t.Name)
	}
	l := s.layout(t)
	order := positions(len(items))
	if len(items) > 1 {
		slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(items[a].ID[:], items[b].ID[:]) })
	}
	w := &writer{store: s, l: l, procedure: l.update, atomic: atomic, order: order, outcomes: make([]runtime.Outcome, len(items))}
	w.appendRow = func(dst []byte, i int) []byte { return l.appendUpdate(dst, &items[i]) }
	return w.run(ctx)
}

// Delete removes records or marks them deleted.
func (s *Store) Delete(ctx context.Context, t *runtime.Template, items []runtime.Delete, atomic bool) ([]runtime.Outcome, error) {
	if t.Behaviour.Deletes == runtime.DeletesNone {
		return nil, unsupported("%s takes no deletes", t.Name)
	}
	l := s.layout(t)
	order := positions(len(items))
	if len(items) > 1 {
		slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(items[a].ID[:], items[b].ID[:]) })
	}
	w := &writer{store: s, l: l, procedure: l.remove, atomic: atomic, order: order, outcomes: make([]runtime.Outcome, len(items))}
	w.appendRow = func(dst []byte, i int) []byte {
		d := &items[i]
		return append(appendChange(dst, &d.RequestKey, &d.ID, d.Revision, d.Now), '}')
	}
	return w.run(ctx)
}

func positions(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	return p
}

// A writer sends the items of one write and gathers their outcomes.
type writer struct {
	store     *Store
	l         *layout
	procedure string
	atomic    bool
	order     []int // positions in the order in which they are sent
	outcomes  []runtime.Outcome
	appendRow func(dst []byte, i int) []byte
	// asSent is the outcome of an item that took effect without a word.
	asSent func(i int) runtime.Outcome
}

// run sends the items in as few calls as the bounds allow.
func (w *writer) run(ctx context.Context) ([]runtime.Outcome, error) {
	for first := 0; first < len(w.order); {
		st := w.store.begin(ctx, w.procedure)
		n := w.appendRows(st, w.order[first:])
		if err := w.send(ctx, st, w.order[first:first+n]); err != nil {
			return nil, afterSome(err, first)
		}
		first += n
	}
	return w.outcomes, nil
}

// appendRows puts as many rows into a call as the bounds allow, all if it is atomic,
// and says how many. Their number comes before them, where the procedure finds it
// without a walk through them, in a space that is filled in the end.
func (w *writer) appendRows(st *statement, at []int) (n int) {
	const space = "          "
	st.text = append(st.text, `{"count":`...)
	count := len(st.text)
	st.text = append(st.text, space...)
	st.text = append(st.text, `,"atomic":`...)
	st.text = strconv.AppendBool(st.text, w.atomic)
	st.text = append(st.text, `,"rows":[`...)
	begin := len(st.text)
	for n < len(at) && (w.atomic || n < maxRows) {
		before := len(st.text)
		if n > 0 {
			st.text = append(st.text, ',')
		}
		st.text = w.appendRow(st.text, at[n])
		if len(st.text)-begin > maxBytes && n > 0 && !w.atomic {
			st.text = st.text[:before]
			break
		}
		n++
	}
	strconv.AppendInt(st.text[:count], int64(n), 10) // in place
	st.text = append(st.text, ']', '}')
	return n
}

// afterSome: when earlier calls took effect, the whole is not undone.
func afterSome(err error, done int) error {
	if done == 0 {
		return err
	}
	return envelope.Wrap(envelope.Unknown, err, "a part of the request took effect; send it again with the same keys")
}

// send makes one call, whose rows belong to the given positions.
func (w *writer) send(ctx context.Context, st *statement, at []int) error {
	n := 0
	err := w.store.finish(ctx, st, writeCall, func(_ []string, values []driver.Value) error {
		var err error
		n, err = w.outcome(values, at, n)
		return err
	})
	if err == nil && n != len(at) {
		err = envelope.Wrap(envelope.Unknown, badShape("%d outcomes for %d rows", n, len(at)),
			"the database did not say what became of the request")
	}
	return err
}

var errOpen = errors.New("the procedure found a transaction open")

// outcome reads one row of the answer; n is the number of items settled so far.
func (w *writer) outcome(values []driver.Value, at []int, n int) (int, error) {
	const columns = 9
	var pos int64
	if len(values) != columns || !decodeInt(&pos, values[0]) || pos < -1 || pos >= int64(len(at)) {
		return n, badShape("an outcome of %d columns", len(values))
	}
	state, _ := values[8].([]byte)
	if string(state) == "open" {
		// Nobody will commit it: the connection is given up, which rolls back.
		return n, envelope.Wrap(envelope.Unavailable, errOpen, "a connection to the database was in a bad state; nothing was done")
	}
	if pos == -1 {
		if w.asSent == nil {
			return n, badShape("outcomes left out")
		}
		for _, i := range at {
			w.outcomes[i] = w.asSent(i)
		}
		return len(at), nil
	}
	o := &w.outcomes[at[pos]]
	if !decodeOutcome(o, values) {
		return n, badShape("an outcome that cannot be read")
	}
	if string(state) == "aborted" && o.Code == "" && !o.Replayed {
		*o = runtime.Outcome{Code: envelope.Aborted}
	}
	return n + 1, nil
}

// decodeOutcome reads code, detail, replayed, id, created, updated, revision.
func decodeOutcome(o *runtime.Outcome, values []driver.Value) bool {
	code, ok1 := values[1].([]byte)
	detail, ok2 := values[2].([]byte)
	var replayed int64
	if !ok1 || !ok2 || !decodeInt(&replayed, values[3]) {
		return false
	}
	o.Code, o.Detail, o.Replayed = envelope.Code(code), string(detail), replayed != 0
	if o.Detail == "PRIMARY" {
		o.Detail = "id"
	}
	if o.Code != "" && o.Code != envelope.Stale {
		return true // what else is there belongs to another record or to none
	}
	id, _ := values[4].([]byte)
	copy(o.ID[:], id)
	return decodeTime(&o.Created, values[5]) && decodeTime(&o.Updated, values[6]) && decodeInt(&o.Revision, values[7])
}

func decodeTime(dst *int64, from driver.Value) bool {
	b, ok := from.([]byte)
	if !ok {
		return false
	}
	*dst, ok = parseDatetime(b)
	return ok
}
