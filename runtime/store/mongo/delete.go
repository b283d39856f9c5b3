package mongo

import (
	"context"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

const opDelete = "delete"

// Delete removes records or, with soft deletes, marks them.
func (s *Store) Delete(ctx context.Context, t *beds.Template, items []beds.Delete, atomic bool) ([]beds.Outcome, error) {
	if atomic {
		return nil, notAtomic()
	}
	claims := make([]claim, len(items))
	changes := make([]change, len(items))
	for i := range items {
		it := &items[i]
		claims[i] = newClaim(t, &it.RequestKey, opDelete, it.ID)
		changes[i] = change{&claims[i], it.ID, it.Revision, it.Now, nil}
	}
	apply := s.erase
	if t.SoftDeletes() {
		apply = s.edit
	}
	return s.change(ctx, s.plan(t), claims, changes, apply)
}

// erase removes a record in two steps. A record that is gone remembers nothing, so
// the claim first says that it was seen, and with which result: a repeated delivery
// then knows that the record went by its own key.
func (s *Store) erase(ctx context.Context, p *plan, ch *change) (beds.Outcome, error) {
	for range attempts {
		st, err := s.readState(ctx, p, ch.id)
		switch {
		case err != nil:
			return beds.Outcome{}, err
		case !st.found && ch.claim.seen:
			return ch.claim.outcome(), nil
		case !st.found:
			return beds.Outcome{Code: envelope.NotFound}, nil
		case ch.revision != 0 && ch.revision != st.revision:
			return beds.Outcome{Code: envelope.Stale, Revision: st.revision}, nil
		}
		o := beds.Outcome{Replayed: ch.claim.found, ID: ch.id, Created: st.created, Updated: ch.now, Revision: st.revision + 1}
		if err := s.markSeen(ctx, ch.claim, &o, st.insert); err != nil {
			return o, err
		}
		n, err := s.removeRevision(ctx, p, ch.id, st.revision)
		if err != nil || n > 0 {
			return o, err
		}
	}
	return beds.Outcome{Code: envelope.Busy}, nil
}

// markSeen notes the coming result, and that the insert of the record is done: its
// claim relies on the record being there.
func (s *Store) markSeen(ctx context.Context, c *claim, o *beds.Outcome, insert string) error {
	c.take(o)
	c.seen, c.done = true, false
	w := newWriter(512)
	root := w.open()
	w.str("update", requests)
	list := w.openArray("updates")
	one := w.openDoc("0")
	w.byID("q", c.id)
	u := w.openDoc("u")
	set := w.openDoc("$set")
	c.members(w)
	w.close(set)
	w.close(u)
	w.bool("upsert", c.found)
	w.close(one)
	if insert != "" {
		one := w.openDoc("1")
		w.byID("q", insert)
		u := w.openDoc("u")
		set := w.openDoc("$set")
		w.bool("done", true)
		w.close(set)
		w.close(u)
		w.close(one)
	}
	w.close(list)
	w.durable()
	w.close(root)
	_, _, err := s.write(ctx, w.b)
	return err
}

// removeRevision deletes the record if it still has the revision. Under a lock it
// has, and the id alone finds it faster.
func (s *Store) removeRevision(ctx context.Context, p *plan, id beds.GUID, revision int64) (int64, error) {
	if s.locked {
		return s.remove(ctx, p.t.Collection, []string{id.String()})
	}
	w := newWriter(256)
	root := w.open()
	w.str("delete", p.t.Collection)
	list := w.openArray("deletes")
	one := w.openDoc("0")
	q := w.openDoc("q")
	w.guid(memberID, id)
	w.int64("revision", revision)
	w.close(q)
	w.int32("limit", 1)
	w.close(one)
	w.close(list)
	w.durable()
	w.close(root)
	reply, _, err := s.write(ctx, w.b)
	if err != nil {
		return 0, err
	}
	return number(reply, "n"), nil
}
