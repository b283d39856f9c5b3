package mongo

import (
	"context"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

const opInsert = "insert"

// maxRecord is the server's limit on a document, less what claims and guards add.
const maxRecord = 16<<20 - 64<<10

// Insert writes new records: one round trip for the claims and one for the records,
// however many they are. The record's _id comes from the claim, so that a second
// delivery finds it taken.
func (s *Store) Insert(ctx context.Context, t *beds.Template, items []beds.Insert, atomic bool) ([]beds.Outcome, error) {
	if atomic {
		return nil, notAtomic()
	}
	p := s.plan(t)
	claims := make([]claim, len(items))
	for i := range items {
		row := items[i].Row
		c := newClaim(t, &items[i].RequestKey, opInsert, beds.GUIDOf(row[beds.FieldID]))
		c.created, c.updated, c.revision = row[beds.FieldCreated].Int, row[beds.FieldUpdated].Int, row[beds.FieldRevision].Int
		claims[i] = c
	}
	if err := s.claimAll(ctx, claims); err != nil {
		return nil, err
	}
	b := insertion{s: s, p: p, items: items, claims: claims, outcomes: make([]beds.Outcome, len(items))}
	if err := b.run(ctx); err != nil {
		return nil, err
	}
	return b.outcomes, nil
}

// An insertion is the work of one call of Insert.
type insertion struct {
	s        *Store
	p        *plan
	items    []beds.Insert
	claims   []claim
	outcomes []beds.Outcome

	docs  [][]byte // the records that are to be written
	index []int    // their positions in items
}

func (b *insertion) run(ctx context.Context) error {
	b.build()
	failed, err := b.s.insert(ctx, b.p.t.Collection, b.docs)
	if err != nil {
		return begun(err, len(b.docs))
	}
	for i := range failed {
		if err := b.refuse(ctx, b.index[failed[i].Index], &failed[i]); err != nil {
			return begun(err, len(b.docs))
		}
	}
	return b.finish(ctx)
}

func (b *insertion) build() {
	for i := range b.items {
		c := &b.claims[i]
		var settled bool
		if b.outcomes[i], settled = c.settled(); settled {
			continue
		}
		w := newWriter(512)
		root := w.open()
		w.record(b.p, b.items[i].Row, c)
		w.close(root)
		if w.err != nil || len(w.b) > maxRecord {
			b.outcomes[i] = beds.Outcome{Code: envelope.BadValue}
			continue
		}
		b.outcomes[i] = c.outcome()
		b.docs = append(b.docs, w.b)
		b.index = append(b.index, i)
	}
}

// refuse decides what an error of the server means for one record. A taken _id
// means that another delivery of the same key has written it.
func (b *insertion) refuse(ctx context.Context, i int, failure *driver.WriteError) error {
	o, c := &b.outcomes[i], &b.claims[i]
	switch failure.Code {
	case codeDuplicate:
		there, err := b.s.readState(ctx, b.p, c.record)
		if err != nil {
			return err
		}
		if there.found {
			o.Replayed = true
			return nil
		}
		*o = beds.Outcome{Code: envelope.Duplicate}
		o.Detail, err = b.s.duplicateIndex(ctx, b.p, failure.Message, c.record, b.items[i].Row)
		return err
	case codeInvalidRecord, codeBadValue, codeTooLarge:
		// The server's message may hold values, which have no place in a log.
		b.s.log.WarnContext(ctx, "the document store refused a record", "collection", b.p.t.Collection, "code", failure.Code)
		*o = beds.Outcome{Code: envelope.BadValue}
		return nil
	}
	return classify(driver.CommandError{Code: int32(failure.Code), Message: failure.Message}, true)
}

// finish marks the claims that this delivery did not make itself, in case the one
// that did takes them away, and removes its own of failed inserts.
func (b *insertion) finish(ctx context.Context) error {
	var done, failed []*claim
	for i := range b.claims {
		c := &b.claims[i]
		switch {
		case b.outcomes[i].Code == envelope.KeyReused || c.done:
		case b.outcomes[i].Code != "" && !c.found:
			failed = append(failed, c)
		case b.outcomes[i].Code == "" && c.found:
			c.done = true
			done = append(done, c)
		}
	}
	return b.s.finish(ctx, done, failed)
}

// notAtomic is the answer to all-or-nothing batches: one document at a time is all
// that every server of this protocol promises.
func notAtomic() error {
	return envelope.Errorf(envelope.Unsupported, "the document store offers no all-or-nothing batch")
}
