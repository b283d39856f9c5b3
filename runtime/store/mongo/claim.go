package mongo

import (
	"context"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
)

// requests is the collection of claims.
const requests = "beds_requests"

// A claim says that a request was seen, with which body, and for which record. For
// an insert it holds the result from the start; for the others it gets it when the
// effect is done. What failed leaves no claim: the same key may try again.
type claim struct {
	id       string // template/key
	hash     [16]byte
	op       string
	record   beds.GUID
	created  int64 // microseconds, as in Outcome
	updated  int64
	revision int64
	made     int64 // milliseconds; when the claim was made
	seen     bool  // hard delete: the record was there when the delete began
	done     bool

	// found: another delivery made the claim before this one.
	found bool
	// reused: with another body.
	reused bool
}

func newClaim(t *beds.Template, k *beds.RequestKey, op string, record beds.GUID) claim {
	return claim{id: t.Name + "/" + k.Key, hash: k.Hash, op: op, record: record, made: time.Now().UnixMilli()}
}

// claimAll inserts the claims in one round trip and reads, in another, those that
// others made before.
func (s *Store) claimAll(ctx context.Context, claims []claim) error {
	docs := make([][]byte, len(claims))
	for i := range claims {
		docs[i] = claims[i].document()
	}
	failed, err := s.insert(ctx, requests, docs)
	if err != nil {
		return err
	}
	var ids []string
	for _, f := range failed {
		if f.Code != codeDuplicate {
			return envelope.Wrap(envelope.Internal, f, "the document store refused a claim")
		}
		claims[f.Index].found = true
		ids = append(ids, claims[f.Index].id)
	}
	if len(ids) == 0 {
		return nil
	}
	return s.readClaims(ctx, claims, ids)
}

// readClaims completes the claims that were found. One that is gone again was of a
// failed attempt and counts as ours: completing it makes it anew.
func (s *Store) readClaims(ctx context.Context, claims []claim, ids []string) error {
	stored := make(map[string]claim, len(ids))
	err := s.findByID(ctx, requests, ids, nil, func(doc string) error {
		c, err := decodeClaim(doc)
		stored[c.id] = c
		return err
	})
	if err != nil {
		return err
	}
	for i := range claims {
		c := &claims[i]
		was, ok := stored[c.id]
		if !c.found || !ok {
			continue
		}
		reused := was.hash != c.hash || was.op != c.op
		*c = was
		c.found, c.reused = true, reused
	}
	return nil
}

// settled gives the outcome of a claim that needs no work.
func (c *claim) settled() (beds.Outcome, bool) {
	switch {
	case c.reused:
		return beds.Outcome{Code: envelope.KeyReused}, true
	case c.done:
		return c.outcome(), true
	}
	return beds.Outcome{}, false
}

func (c *claim) outcome() beds.Outcome {
	return beds.Outcome{Replayed: c.found, ID: c.record, Created: c.created, Updated: c.updated, Revision: c.revision}
}

// take fills in a result.
func (c *claim) take(o *beds.Outcome) {
	c.record, c.created, c.updated, c.revision, c.done = o.ID, o.Created, o.Updated, o.Revision, true
}

func (c *claim) document() []byte {
	w := newWriter(256)
	root := w.open()
	w.str(memberID, c.id)
	c.members(w)
	w.close(root)
	return w.b
}

func (c *claim) members(w *writer) {
	w.binary("hash", string(c.hash[:]))
	w.str("op", c.op)
	w.guid("record", c.record)
	w.int64("created", c.created)
	w.int64("updated", c.updated)
	w.int64("revision", c.revision)
	w.date("made", c.made)
	w.bool("seen", c.seen)
	w.bool("done", c.done)
}

func decodeClaim(doc string) (c claim, err error) {
	r := readDocument(doc)
	for e, ok := r.next(); ok; e, ok = r.next() {
		switch {
		case e.key == memberID && e.typ == bsoncore.TypeString:
			c.id = e.string()
		case e.key == "hash" && e.typ == bsoncore.TypeBinary:
			copy(c.hash[:], e.binary())
		case e.key == "op" && e.typ == bsoncore.TypeString:
			c.op = e.string()
		case e.key == "record" && e.typ == bsoncore.TypeString:
			c.record, err = beds.ParseGUID(e.string())
		case e.key == "created":
			c.created, _ = e.int()
		case e.key == "updated":
			c.updated, _ = e.int()
		case e.key == "revision":
			c.revision, _ = e.int()
		case e.key == "made":
			c.made = int64(e.bits())
		case e.key == "seen":
			c.seen = e.bool()
		case e.key == "done":
			c.done = e.bool()
		}
	}
	if err == nil {
		err = r.err
	}
	if err != nil {
		err = envelope.Wrap(envelope.Internal, err, "a claim in "+requests+" is not readable")
	}
	return c, err
}

// finish writes what became of the claims: the result of those that are done, and
// nothing in the place of those that failed. The effects are there, so it goes on
// for a moment after the deadline.
func (s *Store) finish(ctx context.Context, done, failed []*claim) error {
	if len(done) == 0 && len(failed) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(s.timeout, lastWords))
	defer cancel()
	if err := s.store(ctx, done); err != nil {
		return begun(err, 2)
	}
	ids := make([]string, len(failed))
	for i, c := range failed {
		ids[i] = c.id
	}
	if _, err := s.remove(ctx, requests, ids); err != nil {
		// The keys of failed writes stay bound to their bodies, which harms no data.
		s.log.WarnContext(ctx, "claims of failed writes were not removed", "count", len(ids), "error", err)
	}
	return nil
}

// lastWords bounds what is done after a deadline.
const lastWords = 2 * time.Second

// store writes claims as they are now. One that another delivery made may be gone,
// taken away with that delivery's failure; then it is made again.
func (s *Store) store(ctx context.Context, claims []*claim) error {
	if len(claims) == 0 {
		return nil
	}
	w := newWriter(320*len(claims) + 128)
	root := w.open()
	w.str("update", requests)
	list := w.openArray("updates")
	for i, c := range claims {
		one := w.openDoc(position(i))
		w.byID("q", c.id)
		u := w.openDoc("u")
		set := w.openDoc("$set")
		c.members(w)
		w.close(set)
		w.close(u)
		w.bool("upsert", c.found)
		w.close(one)
	}
	w.close(list)
	w.bool("ordered", false)
	w.durable()
	w.close(root)
	_, failed, err := s.write(ctx, w.b)
	for _, f := range failed {
		if f.Code != codeDuplicate { // two upserts at once: the other one wrote the same
			return envelope.Wrap(envelope.Internal, f, "the document store refused a claim")
		}
	}
	return err
}

// Prune removes at most limit claims made before olderThan ago and returns how many.
// What broken locks have left goes too.
func (s *Store) Prune(ctx context.Context, olderThan time.Duration, limit int) (int64, error) {
	if s.locked {
		if _, err := s.prune(ctx, locks, max(olderThan, s.lease()), limit); err != nil {
			return 0, err
		}
	}
	return s.prune(ctx, requests, olderThan, limit)
}

func (s *Store) prune(ctx context.Context, collection string, olderThan time.Duration, limit int) (int64, error) {
	w := newWriter(64)
	root := w.open()
	at := w.openDoc("made")
	w.date("$lt", time.Now().Add(-olderThan).UnixMilli())
	w.close(at)
	w.close(root)
	var ids []string
	err := s.find(ctx, collection, w.b, onlyID, nil, limit, func(doc string) error {
		id, _ := bson.Raw(doc).Lookup(memberID).StringValueOK()
		ids = append(ids, id)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return s.remove(ctx, collection, ids)
}

var onlyID = func() []byte {
	w := newWriter(16)
	root := w.open()
	w.int32(memberID, 1)
	w.close(root)
	return w.b
}()
