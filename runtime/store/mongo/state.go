package mongo

import (
	"context"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// maxEvents is how many events a record remembers. It bounds how many later
// changes a write may meet between its effect and its claim's completion.
const maxEvents = 16

// An event is a change of a record: the claim that caused it and when.
type event struct {
	key     string
	updated int64
}

// A state is what decides whether a change may be applied to a record.
type state struct {
	found    bool
	created  int64
	updated  int64
	revision int64
	deleted  bool
	insert   string // claim of the insert
	events   []event
}

// stateMembers is the projection of a state.
var stateMembers = func() []byte {
	w := newWriter(96)
	root := w.open()
	for _, name := range []string{"created", "updated", "revision", "deleted", memberEvents, memberKey} {
		w.int32(name, 1)
	}
	w.close(root)
	return w.b
}()

func (s *Store) readState(ctx context.Context, p *plan, id beds.GUID) (st state, err error) {
	err = s.findByID(ctx, p.t.Collection, []string{id.String()}, stateMembers, func(doc string) error {
		var err error
		st, err = decodeState(p, doc)
		return err
	})
	return st, err
}

func decodeState(p *plan, doc string) (state, error) {
	st := state{found: true}
	r := readDocument(doc)
	for e, ok := r.next(); ok; e, ok = r.next() {
		switch {
		case e.key == "created":
			st.created, _ = e.int()
		case e.key == "updated":
			st.updated, _ = e.int()
		case e.key == "revision":
			st.revision, _ = e.int()
		case e.key == "deleted":
			st.deleted = p.t.SoftDeletes() && e.typ != bsoncore.TypeNull
		case e.key == memberKey && e.typ == bsoncore.TypeString:
			st.insert = e.string()
		case e.key == memberEvents && e.typ == bsoncore.TypeArray:
			st.events = decodeEvents(e.data)
		}
	}
	if r.err != nil {
		return st, unreadable(r.err)
	}
	return st, nil
}

func decodeEvents(array string) []event {
	var events []event
	r := readDocument(array)
	for e, ok := r.next(); ok; e, ok = r.next() {
		if e.typ != bsoncore.TypeEmbeddedDocument {
			continue
		}
		var ev event
		in := readDocument(e.data)
		for m, ok := in.next(); ok; m, ok = in.next() {
			switch {
			case m.key == "k" && m.typ == bsoncore.TypeString:
				ev.key = m.string()
			case m.key == "u":
				ev.updated, _ = m.int()
			}
		}
		events = append(events, ev)
	}
	return events
}

func (w *writer) event(key string, ev event) {
	at := w.openDoc(key)
	w.str("k", ev.key)
	w.int64("u", ev.updated)
	w.close(at)
}

// decide says what becomes of a change to a record in this state; go on is true
// where it is to be applied.
func (st *state) decide(ch *change) (o beds.Outcome, goOn bool) {
	if !st.found {
		return beds.Outcome{Code: envelope.NotFound}, false
	}
	for i, ev := range st.events {
		if ev.key == ch.claim.id {
			// Each change adds one event and one to the revision.
			later := int64(len(st.events) - 1 - i)
			return beds.Outcome{Replayed: true, ID: ch.id, Created: st.created,
				Updated: ev.updated, Revision: st.revision - later}, false
		}
	}
	switch {
	case st.forgot(ch.claim):
		return beds.Outcome{Code: envelope.Unknown}, false
	case st.deleted:
		return beds.Outcome{Code: envelope.NotFound}, false
	case ch.revision != 0 && ch.revision != st.revision:
		return beds.Outcome{Code: envelope.Stale, Revision: st.revision}, false
	}
	return beds.Outcome{ID: ch.id, Created: st.created, Updated: ch.now, Revision: st.revision + 1}, true
}

// forgot reports whether an earlier delivery of the key may have changed the record
// so long ago that its event was pushed out.
func (st *state) forgot(c *claim) bool {
	return c.found && len(st.events) >= maxEvents && st.events[0].updated/1000 > c.made
}
