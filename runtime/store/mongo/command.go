package mongo

import (
	"context"
	"errors"
	"sync"

	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// Commands are written as BSON by hand and sent as they are. The driver's own
// methods would encode each document through reflection. They would also repeat a
// write by themselves after a broken connection; here the caller does, with its key.

// maxCommand bounds the documents of one command: the server refuses a message
// body over 16 MiB.
const maxCommand = 12 << 20

// read runs a command that changes nothing.
func (s *Store) read(ctx context.Context, cmd []byte) (bson.Raw, error) {
	raw, err := s.db.RunCommand(ctx, bson.Raw(cmd)).Raw()
	if err != nil {
		return nil, classify(err, false)
	}
	return raw, nil
}

// write runs a command that changes something. Errors of single documents are
// returned by position; err is the failure of the whole.
func (s *Store) write(ctx context.Context, cmd []byte) (reply bson.Raw, failed []driver.WriteError, err error) {
	if !s.writers.enter(ctx) { // nothing was sent yet
		return nil, nil, envelope.Wrap(envelope.DeadlinePassed, ctx.Err(), "the deadline passed before the write began")
	}
	defer s.writers.leave()
	reply, err = s.db.RunCommand(ctx, bson.Raw(cmd)).Raw()
	var we driver.WriteException
	if errors.As(err, &we) && we.WriteConcernError == nil {
		return reply, we.WriteErrors, nil
	}
	if one, ok := refusal(err); ok {
		return reply, []driver.WriteError{one}, nil
	}
	if err != nil {
		return nil, nil, classify(err, true)
	}
	return reply, nil, nil
}

// durable asks for an answer only when the write survives the loss of a node.
func (w *writer) durable() {
	at := w.openDoc("writeConcern")
	w.str("w", "majority")
	w.bool("j", true)
	w.close(at)
}

// insert adds documents, all that can be, in as few commands as the size allows.
// Errors carry the position in docs.
func (s *Store) insert(ctx context.Context, collection string, docs [][]byte) ([]driver.WriteError, error) {
	var all []driver.WriteError
	for first := 0; first < len(docs); {
		next, size := first, 0
		for next < len(docs) && (next == first || size+len(docs[next]) < maxCommand) {
			size += len(docs[next])
			next++
		}
		w := newWriter(size + 8*(next-first) + 128)
		root := w.open()
		w.str("insert", collection)
		at := w.openArray("documents")
		for i, doc := range docs[first:next] {
			w.raw(position(i), doc)
		}
		w.close(at)
		w.bool("ordered", false)
		w.durable()
		w.close(root)
		_, failed, err := s.write(ctx, w.b)
		if err != nil {
			return all, err
		}
		for _, f := range failed {
			f.Index += first
			all = append(all, f)
		}
		first = next
	}
	return all, nil
}

// remove deletes documents by _id and returns how many there were.
func (s *Store) remove(ctx context.Context, collection string, ids []string) (int64, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	w := newWriter(96*len(ids) + 128)
	root := w.open()
	w.str("delete", collection)
	at := w.openArray("deletes")
	for i, id := range ids {
		one := w.openDoc(position(i))
		w.byID("q", id)
		w.int32("limit", 1)
		w.close(one)
	}
	w.close(at)
	w.bool("ordered", false)
	w.durable()
	w.close(root)
	reply, failed, err := s.write(ctx, w.b)
	if err == nil && len(failed) > 0 {
		err = envelope.Wrap(envelope.Internal, failed[0], "the document store refused a delete")
	}
	if err != nil {
		return 0, err
	}
	return number(reply, "n"), nil
}

// byID appends {_id: id}, the only filter that FerretDB leaves to SQLite.
func (w *writer) byID(key, id string) {
	at := w.openDoc(key)
	w.str(memberID, id)
	w.close(at)
}

func number(doc bson.Raw, key string) int64 {
	n, _ := doc.Lookup(key).AsInt64OK()
	return n
}

// find runs a find and hands over each document. projection may be nil.
func (s *Store) find(ctx context.Context, collection string, filter, projection []byte, sort []byte, limit int, each func(doc string) error) error {
	w := newWriter(len(filter) + len(projection) + len(sort) + 128)
	root := w.open()
	w.str("find", collection)
	w.raw("filter", filter)
	if projection != nil {
		w.raw("projection", projection)
	}
	if sort != nil {
		w.raw("sort", sort)
	}
	if limit > 0 {
		w.int64("limit", int64(limit))
		// One more than the limit, so that the server is done with the first answer
		// and keeps no cursor.
		w.int64("batchSize", int64(limit)+1)
	}
	w.close(root)
	cursor, err := s.db.RunCommandCursor(ctx, bson.Raw(w.b))
	if err != nil {
		return classify(err, false)
	}
	defer cursor.Close(context.WithoutCancel(ctx)) //nolint:errcheck // everything was read, or the call failed already
	for cursor.Next(ctx) {
		if err := each(string(cursor.Current)); err != nil {
			return err
		}
	}
	if err := cursor.Err(); err != nil {
		return classify(err, false)
	}
	return nil
}

// findByID reads documents by _id, in any order; each may run concurrently.
func (s *Store) findByID(ctx context.Context, collection string, ids []string, projection []byte, each func(doc string) error) error {
	if !s.ferretDB && len(ids) > 1 {
		return s.find(ctx, collection, idsFilter(ids), projection, nil, len(ids), each)
	}
	var mu sync.Mutex
	err := parallel(ctx, len(ids), func(i int) error {
		w := newWriter(64)
		root := w.open()
		w.str(memberID, ids[i])
		w.close(root)
		return s.find(ctx, collection, w.b, projection, nil, 1, func(doc string) error {
			mu.Lock()
			defer mu.Unlock()
			return each(doc)
		})
	})
	return classify(err, false)
}

func idsFilter(ids []string) []byte {
	w := newWriter(48*len(ids) + 48)
	root := w.open()
	at := w.openDoc(memberID)
	in := w.openArray("$in")
	for i, id := range ids {
		w.str(position(i), id)
	}
	w.close(in)
	w.close(at)
	w.close(root)
	return w.b
}

// parallel runs f(0) to f(n-1), a few at a time, and returns the first error, or the
// context's, after all that began have ended.
func parallel(ctx context.Context, n int, f func(int) error) error {
	if n == 1 {
		return f(0)
	}
	var (
		wg    sync.WaitGroup
		slots = make(chan struct{}, concurrency)
		once  sync.Once
		first error
	)
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	for i := range n {
		slots <- struct{}{}
		if inner.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := f(i); err != nil {
				once.Do(func() { first = err; cancel() })
			}
		})
	}
	wg.Wait()
	if first == nil {
		return ctx.Err()
	}
	return first
}
