package mongo

import (
	"context"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// editLocked applies a change while the record's lock is held: FerretDB would read,
// filter and write without any protection between. It looks the record up by
// {_id: …} alone, since it scans the collection for anything more.
func (s *Store) editLocked(ctx context.Context, p *plan, ch *change) (beds.Outcome, error) {
	st, err := s.readState(ctx, p, ch.id)
	if err != nil {
		return beds.Outcome{}, err
	}
	o, goOn := st.decide(ch)
	if !goOn {
		return o, nil
	}
	w := newWriter(1024)
	root := w.open()
	w.str("update", p.t.Collection)
	list := w.openArray("updates")
	one := w.openDoc("0")
	w.byID("q", ch.id.String())
	u := w.openDoc("u")
	set := w.openDoc("$set")
	ch.members(w, p)
	w.int64("revision", o.Revision)
	st.remember(w, event{ch.claim.id, ch.now})
	w.close(set)
	w.close(u)
	w.close(one)
	w.close(list)
	w.durable()
	w.close(root)
	if w.err != nil {
		return beds.Outcome{Code: envelope.BadValue}, nil
	}
	reply, failed, err := s.write(ctx, w.b)
	switch {
	case err != nil:
		return beds.Outcome{}, err
	case len(failed) > 0:
		return s.refused(ctx, p, ch, &failed[0])
	case number(reply, "n") == 0: // a TTL or a DBA was faster
		return beds.Outcome{Code: envelope.NotFound}, nil
	}
	return o, nil
}

// remember appends the events with one more, without the oldest: FerretDB has no
// $slice.
func (st *state) remember(w *writer, ev event) {
	events := append(st.events, ev)
	if len(events) > maxEvents {
		events = events[len(events)-maxEvents:]
	}
	list := w.openArray(memberEvents)
	for i := range events {
		w.event(position(i), events[i])
	}
	w.close(list)
}
