package mongo

import (
	"context"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

const opUpdate = "update"

// attempts bounds how often a change is tried that others overtake.
const attempts = 8

// A change is an update or a delete of one record.
type change struct {
	claim    *claim
	id       beds.GUID
	revision int64 // 0: whatever it is
	now      int64
	row      beds.Row // nil for a delete
}

// Update changes records, each under its own guard.
func (s *Store) Update(ctx context.Context, t *beds.Template, items []beds.Update, atomic bool) ([]beds.Outcome, error) {
	if atomic {
		return nil, notAtomic()
	}
	claims := make([]claim, len(items))
	changes := make([]change, len(items))
	for i := range items {
		it := &items[i]
		claims[i] = newClaim(t, &it.RequestKey, opUpdate, it.ID)
		changes[i] = change{&claims[i], it.ID, it.Revision, it.Now, it.Row}
	}
	return s.change(ctx, s.plan(t), claims, changes, s.edit)
}

// change claims, applies and completes. Changes of one record run in their order,
// those of different records side by side.
func (s *Store) change(ctx context.Context, p *plan, claims []claim, changes []change,
	apply func(context.Context, *plan, *change) (beds.Outcome, error)) ([]beds.Outcome, error) {
	if err := s.claimAll(ctx, claims); err != nil {
		return nil, err
	}
	outcomes := make([]beds.Outcome, len(changes))
	groups := byRecord(changes, func(i int) bool {
		var settled bool
		outcomes[i], settled = claims[i].settled()
		return !settled
	})
	err := parallel(ctx, len(groups), func(g int) error {
		return s.alone(ctx, p, changes[groups[g][0]].id, func() error {
			for _, i := range groups[g] {
				var err error
				if outcomes[i], err = apply(ctx, p, &changes[i]); err != nil {
					return err
				}
			}
			return nil
		}, func() {
			for _, i := range groups[g] {
				outcomes[i] = beds.Outcome{Code: envelope.Busy}
			}
		})
	})
	if err != nil {
		return nil, begun(classify(err, true), len(changes))
	}
	if err := s.complete(ctx, claims, outcomes); err != nil {
		return nil, err
	}
	return outcomes, nil
}

// byRecord groups the positions of the wanted changes by record.
func byRecord(changes []change, wanted func(int) bool) [][]int {
	var groups [][]int
	at := make(map[beds.GUID]int, len(changes))
	for i := range changes {
		if !wanted(i) {
			continue
		}
		g, ok := at[changes[i].id]
		if !ok {
			g = len(groups)
			at[changes[i].id] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// complete writes the results into the claims and takes away its own of changes that
// failed. A claim that another delivery made stays: that one may yet succeed.
func (s *Store) complete(ctx context.Context, claims []claim, outcomes []beds.Outcome) error {
	var done, failed []*claim
	for i := range claims {
		c, o := &claims[i], &outcomes[i]
		switch {
		case c.done || c.reused || o.Code == envelope.Unknown:
		case o.Code != "" && !c.found:
			failed = append(failed, c)
		case o.Code == "":
			c.take(o)
			done = append(done, c)
		}
	}
	return s.finish(ctx, done, failed)
}

// edit applies an update or a soft delete.
func (s *Store) edit(ctx context.Context, p *plan, ch *change) (beds.Outcome, error) {
	if s.locked {
		return s.editLocked(ctx, p, ch)
	}
	for range attempts {
		o, applied, err := s.editGuarded(ctx, p, ch)
		if err != nil || applied {
			return o, err
		}
		st, err := s.readState(ctx, p, ch.id)
		if err != nil {
			return o, err
		}
		if o, again := st.decide(ch); !again {
			return o, nil
		}
	}
	return beds.Outcome{Code: envelope.Busy}, nil
}

// editGuarded changes the record in one command whose filter holds for a live
// record, of the wanted revision, that has not seen the key. applied is false where
// there was none.
func (s *Store) editGuarded(ctx context.Context, p *plan, ch *change) (o beds.Outcome, applied bool, err error) {
	w := newWriter(1024)
	root := w.open()
	w.str("findAndModify", p.t.Collection)
	ch.guard(w, p)
	u := w.openDoc("update")
	set := w.openDoc("$set")
	ch.members(w, p)
	w.close(set)
	inc := w.openDoc("$inc")
	w.int64("revision", 1)
	w.close(inc)
	ch.push(w)
	w.close(u)
	w.bool("new", true)
	if !s.ferretDB {
		w.raw("fields", stateMembers)
	}
	w.durable()
	w.close(root)
	if w.err != nil {
		return beds.Outcome{Code: envelope.BadValue}, true, nil
	}
	reply, failed, err := s.write(ctx, w.b)
	if err != nil {
		return o, false, err
	}
	if len(failed) > 0 {
		o, err = s.refused(ctx, p, ch, &failed[0])
		return o, true, err
	}
	return changed(p, ch, reply)
}

// changed reads the answer of findAndModify.
func changed(p *plan, ch *change, reply bson.Raw) (o beds.Outcome, applied bool, err error) {
	doc, ok := reply.Lookup("value").DocumentOK()
	if !ok {
		return o, false, nil
	}
	st, err := decodeState(p, string(doc))
	return beds.Outcome{ID: ch.id, Created: st.created, Updated: ch.now, Revision: st.revision}, true, err
}

func (ch *change) guard(w *writer, p *plan) {
	q := w.openDoc("query")
	w.guid(memberID, ch.id)
	// Not {$ne}: FerretDB takes that as "some element differs".
	list := w.openArray("$nor")
	one := w.openDoc("0")
	w.str(memberEvents+".k", ch.claim.id)
	w.close(one)
	w.close(list)
	if p.t.SoftDeletes() {
		w.null("deleted")
	}
	if ch.revision != 0 {
		w.int64("revision", ch.revision)
	}
	w.close(q)
}

// members appends what the change sets.
func (ch *change) members(w *writer, p *plan) {
	now := beds.IntValue(ch.now)
	w.int64("updated", ch.now)
	w.shadow(p, beds.FieldUpdated, now)
	if ch.row == nil {
		w.int64("deleted", ch.now)
		w.shadow(p, beds.FieldDeleted, now)
		return
	}
	first := beds.FieldDeleted // the first declared field
	if p.t.SoftDeletes() {
		first++
	}
	for i := first; i < len(ch.row); i++ {
		if v := ch.row[i]; v.State != beds.Missing {
			w.value(p.names[i], &p.t.Fields[i].Type, v)
			w.shadow(p, i, v)
		}
	}
}

// push remembers the event and forgets the oldest.
func (ch *change) push(w *writer) {
	at := w.openDoc("$push")
	list := w.openDoc(memberEvents)
	each := w.openArray("$each")
	w.event("0", event{ch.claim.id, ch.now})
	w.close(each)
	w.int32("$slice", -maxEvents)
	w.close(list)
	w.close(at)
}

// refused decides what an error of the server means for one change.
func (s *Store) refused(ctx context.Context, p *plan, ch *change, failure *driver.WriteError) (beds.Outcome, error) {
	switch failure.Code {
	case codeDuplicate:
		name, err := s.duplicateIndex(ctx, p, failure.Message, ch.id, ch.row)
		return beds.Outcome{Code: envelope.Duplicate, Detail: name}, err
	case codeInvalidRecord, codeBadValue, codeTooLarge:
		s.log.WarnContext(ctx, "the document store refused a change", "collection", p.t.Collection, "code", failure.Code)
		return beds.Outcome{Code: envelope.BadValue}, nil
	}
	return beds.Outcome{}, classify(driver.CommandError{Code: int32(failure.Code), Message: failure.Message}, true)
}
