package mongo

import (
	"context"
	"crypto/rand"
	"errors"
	"hash/maphash"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
)

// Locks exist for FerretDB 1.x, whose only atomic steps are an insert under a
// unique _id and a delete. A lock is a document whose holder takes it away again; a
// dead holder's lock ends by itself: until - made after somebody saw it, by the clock
// of who waits. The two times are never compared with another machine's clock, nor
// with this one's after a step. Locks have a collection of their own, so that it
// stays small.

const (
	locks = "beds_locks"
	// shortestLease outlasts a command of a dead node that waits in the server for
	// SQLite's own lock (10 s by FerretDB's default).
	shortestLease = 15 * time.Second
	// grace is what remains of a lease after an answer was lost.
	grace = time.Second
	// Pauses between attempts to take a lock that another node holds.
	shortestPause = time.Millisecond
	longestPause  = 50 * time.Millisecond
)

// errHeld says that the deadline came before the lock was free.
var errHeld = errors.New("the record's lock is held by another request")

// alone runs f while nobody else changes the record, where the server needs that.
// Where the lock is not to be had in time, busy is called: nothing was done.
func (s *Store) alone(ctx context.Context, p *plan, id beds.GUID, f func() error, busy func()) error {
	if !s.locked {
		return f()
	}
	name := p.t.Collection + "/" + id.String()
	stripe := s.stripes.of(name)
	select {
	case stripe <- struct{}{}:
	case <-ctx.Done():
		busy()
		return nil
	}
	defer func() { <-stripe }()
	l := lock{s, name, rand.Text()}
	err := l.take(ctx)
	if errors.Is(err, errHeld) {
		busy()
		return nil
	}
	if err != nil { // it may be there, but nothing was done under it
		l.abandon(ctx)
		return err
	}
	err = f()
	if err != nil && !certain(err) {
		l.shorten(ctx)
		return err
	}
	l.release(ctx)
	return err
}

// lease is how long a lock lasts: longer than anything that is done under it.
func (s *Store) lease() time.Duration { return max(shortestLease, 3*s.timeout) }

// certain reports whether no command of ours can take effect any more.
func certain(err error) bool {
	var e *envelope.Error
	return errors.As(err, &e) && e.Code != envelope.Unknown
}

// A lock is one holder's.
type lock struct {
	s     *Store
	name  string
	owner string
}

func (l *lock) take(ctx context.Context) error {
	for pause := shortestPause; ; pause = min(2*pause, longestPause) {
		taken, err := l.s.insertNew(ctx, l.name, l.owner)
		if err != nil || taken {
			return err
		}
		gone, err := l.s.breakStale(ctx, l.name)
		if err != nil {
			return err
		}
		if gone {
			continue
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errHeld
		}
	}
}

// release takes the lock away by its _id, and by its owner too when the answer was
// lost: another may have the lock by then.
func (l *lock) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(l.s.timeout, lastWords))
	defer cancel()
	if _, err := l.s.remove(ctx, locks, []string{l.name}); err != nil {
		l.abandon(ctx)
	}
}

// abandon takes the lock away if it is there and ours.
func (l *lock) abandon(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(l.s.timeout, lastWords))
	defer cancel()
	w := newWriter(256)
	root := w.open()
	w.str("delete", locks)
	list := w.openArray("deletes")
	one := w.openDoc("0")
	w.owned(l)
	w.int32("limit", 1)
	w.close(one)
	w.close(list)
	w.close(root)
	if _, _, err := l.s.write(ctx, w.b); err != nil {
		l.s.log.WarnContext(ctx, "a record's lock was not released and ends by itself", "lease", l.s.lease(), "error", err)
	}
}

// shorten lets the lock end soon: the connection of the command whose answer was
// lost is closed, upon which the server gives the command up.
func (l *lock) shorten(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), min(l.s.timeout, lastWords))
	defer cancel()
	w := newWriter(256)
	root := w.open()
	w.str("update", locks)
	list := w.openArray("updates")
	one := w.openDoc("0")
	w.owned(l)
	u := w.openDoc("u")
	set := w.openDoc("$set")
	w.term(time.Now(), grace)
	w.close(set)
	w.close(u)
	w.close(one)
	w.close(list)
	w.close(root)
	if _, _, err := l.s.write(ctx, w.b); err != nil {
		l.s.log.WarnContext(ctx, "a record stays locked after a lost answer until the lease ends", "lease", l.s.lease(), "error", err)
	}
}

// term is how long a lock lasts from the moment that somebody sees it.
func (w *writer) term(now time.Time, d time.Duration) {
	w.date("made", now.UnixMilli())
	w.int64("until", now.Add(d).UnixMilli())
}

func (w *writer) owned(l *lock) {
	q := w.openDoc("q")
	w.str(memberID, l.name)
	w.str("owner", l.owner)
	w.close(q)
}

// insertNew makes a lock; taken is false where there is one.
func (s *Store) insertNew(ctx context.Context, name, owner string) (taken bool, err error) {
	w := newWriter(160)
	root := w.open()
	w.str(memberID, name)
	w.str("owner", owner)
	w.term(time.Now(), s.lease())
	w.close(root)
	failed, err := s.insert(ctx, locks, [][]byte{w.b})
	switch {
	case err != nil:
		return false, err
	case len(failed) == 0:
		return true, nil
	case failed[0].Code == codeDuplicate:
		return false, nil
	}
	return false, envelope.Wrap(envelope.Internal, failed[0], "the document store refused a lock")
}

// breakStale takes away a lock whose lease is over. Of several that see it only the
// one that makes the marker does: otherwise the second would take away the lock of
// the first. Markers stay until Prune.
func (s *Store) breakStale(ctx context.Context, name string) (gone bool, err error) {
	gone = true
	var owner string
	var until, made int64
	err = s.findByID(ctx, locks, []string{name}, nil, func(doc string) error {
		gone = false
		owner, _ = bson.Raw(doc).Lookup("owner").StringValueOK()
		made, _ = bson.Raw(doc).Lookup("made").DateTimeOK()
		until = number(bson.Raw(doc), "until")
		return nil
	})
	if err != nil {
		return false, err
	}
	if gone {
		s.sightings.forget(name)
		return true, nil
	}
	if !s.sightings.outlived(name, sighting{owner: owner, until: until}, time.Duration(until-made)*time.Millisecond) {
		return false, nil
	}
	mine, err := s.insertNew(ctx, name+"/"+owner, "")
	if err != nil || !mine {
		return false, err
	}
	_, err = s.remove(ctx, locks, []string{name})
	s.log.WarnContext(ctx, "a lock whose holder is gone was removed", "lock", name)
	return true, err
}

// stripes keep requests of one node from competing for the same lock in the server.
type stripes struct {
	seed  maphash.Seed
	slots []chan struct{}
}

func newStripes() stripes {
	s := stripes{seed: maphash.MakeSeed(), slots: make([]chan struct{}, 256)}
	for i := range s.slots {
		s.slots[i] = make(chan struct{}, 1)
	}
	return s
}

func (s *stripes) of(name string) chan struct{} {
	return s.slots[maphash.String(s.seed, name)%uint64(len(s.slots))]
}
