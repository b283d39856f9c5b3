package client

import (
	"context"
	"fmt"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/record"
)

// Domain is the typed client of one template. Every use of it with another R is
// compiled anew, so it holds and does no more than the type needs; see sender.
type Domain[R any] struct {
	template *runtime.Template
	send     sender
}

// NewDomain makes a typed client; generated code calls it. It panics when the
// template is not sound, which only a change by hand of generated code can cause.
func NewDomain[R any](c Caller, t *runtime.Template) Domain[R] {
	check(t, new(R))
	return Domain[R]{t, newSender(c, t)}
}

// A Page is a part of the records that a fetch or a query found.
type Page[R any] struct {
	Records []R
	// Cursor goes into After for the next page; it is empty on the last one.
	Cursor string
}

// Stored are the system fields after a write.
type Stored struct {
	ID       record.GUID
	Revision int64
}

// Fetch returns a page of the records under a filter.
func (d Domain[R]) Fetch(ctx context.Context, f Filter, opts ...Option) (Page[R], error) {
	data, err := f.append(nil)
	return d.page(ctx, envelope.OpFetch, data, err, opts)
}

// Query runs a named query.
func (d Domain[R]) Query(ctx context.Context, q Query, opts ...Option) (Page[R], error) {
	data, err := q.append(nil)
	return d.page(ctx, envelope.OpQuery, data, err, opts)
}

// Get returns one record by id; found is false where there is none.
func (d Domain[R]) Get(ctx context.Context, id record.GUID, opts ...Option) (rec R, found bool, err error) {
	p, err := d.page(ctx, envelope.OpFetch, fmt.Appendf(nil, `{"id":%q}`, id), nil, opts)
	if err != nil || len(p.Records) == 0 {
		return rec, false, err
	}
	return p.Records[0], true, nil
}

// Count counts the records under a filter.
func (d Domain[R]) Count(ctx context.Context, f Filter, opts ...Option) (int64, error) {
	data, err := f.append(nil)
	if err != nil {
		return 0, err
	}
	a, err := d.send(ctx, envelope.OpCount, data, nil, opts)
	return a.count, err
}

// Write stores a new record.
func (d Domain[R]) Write(ctx context.Context, rec R, opts ...Option) (Stored, error) {
	data, err := newRecord(d.template, &rec)
	if err != nil {
		return Stored{}, err
	}
	return stored(d.send(ctx, envelope.OpWrite, data, nil, opts))
}

// WriteAll stores records in one message. Each has its own outcome: errs holds
// nil or an error at the same position.
func (d Domain[R]) WriteAll(ctx context.Context, recs []R, opts ...Option) ([]Stored, []error, error) {
	batch := make([][]byte, len(recs))
	for i := range recs {
		var err error
		if batch[i], err = newRecord(d.template, &recs[i]); err != nil {
			return nil, nil, fmt.Errorf("record %d: %w", i, err)
		}
	}
	return results(d.send(ctx, envelope.OpBatch, nil, batch, opts))
}

// Update changes fields of a record. revision is the one that the change is based
// on; 0 where the template does without locking and whatever it is will do.
func (d Domain[R]) Update(ctx context.Context, id record.GUID, revision int64, changes []Change, opts ...Option) (Stored, error) {
	data, err := appendChanges(id, revision, changes)
	if err != nil {
		return Stored{}, err
	}
	return stored(d.send(ctx, envelope.OpUpdate, data, nil, opts))
}

// Delete removes a record; revision as in Update.
func (d Domain[R]) Delete(ctx context.Context, id record.GUID, revision int64, opts ...Option) error {
	data, err := appendChanges(id, revision, nil)
	if err == nil {
		_, err = d.send(ctx, envelope.OpDelete, data, nil, opts)
	}
	return err
}

func (d Domain[R]) page(ctx context.Context, op string, data []byte, err error, opts []Option) (Page[R], error) {
	if err != nil {
		return Page[R]{}, err
	}
	a, err := d.send(ctx, op, data, nil, opts)
	if err != nil {
		return Page[R]{}, err
	}
	p := Page[R]{Records: make([]R, len(a.data)), Cursor: a.cursor}
	for i, raw := range a.data {
		if err := readRecord(d.template, raw, &p.Records[i]); err != nil {
			return Page[R]{}, err
		}
	}
	return p, nil
}
