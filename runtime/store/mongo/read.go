package mongo

import (
	"context"
	"errors"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
)

// Get returns the live records with the given ids.
func (s *Store) Get(ctx context.Context, t *beds.Template, ids []beds.GUID) ([]beds.Row, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	p := s.plan(t)
	rows := make([]beds.Row, 0, len(ids))
	err := s.findByID(ctx, t.Collection, distinct(ids), p.projection, func(doc string) error {
		row, err := p.decodeRow(doc)
		if err != nil {
			return unreadable(err)
		}
		if p.live(row) {
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// distinct gives each id once, as text.
func distinct(ids []beds.GUID) []string {
	texts := make([]string, 0, len(ids))
	var seen map[beds.GUID]struct{}
	if len(ids) > 1 {
		seen = make(map[beds.GUID]struct{}, len(ids))
	}
	for _, id := range ids {
		if _, dup := seen[id]; dup {
			continue
		}
		if seen != nil {
			seen[id] = struct{}{}
		}
		texts = append(texts, id.String())
	}
	return texts
}

// Lookup returns the live records with the given values of a unique index.
func (s *Store) Lookup(ctx context.Context, t *beds.Template, ix *beds.Index, keys []beds.UniqueKey) ([]beds.Row, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	f := filter{p: s.plan(t)}
	f.keys(ix, keys)
	f.live()
	return s.rows(ctx, &f, nil, len(keys))
}

// Find returns a page in the order of an access path.
func (s *Store) Find(ctx context.Context, t *beds.Template, find *beds.Find) ([]beds.Row, error) {
	f := filter{p: s.plan(t)}
	if err := f.terms(find); err != nil {
		return nil, badPlan(err)
	}
	if find.After != nil {
		f.after(find.Sort, find.After)
	}
	return s.rows(ctx, &f, find.Sort, find.Limit)
}

// Query runs a named query.
func (s *Store) Query(ctx context.Context, t *beds.Template, q *beds.NamedQuery) ([]beds.Row, error) {
	f := filter{p: s.plan(t)}
	f.live()
	for i := range q.Query.Where {
		if err := f.condition(&q.Query.Where[i], q); err != nil {
			return nil, badPlan(err)
		}
	}
	if q.After != nil {
		f.after(q.Query.Sort, q.After)
	}
	return s.rows(ctx, &f, q.Query.Sort, q.Limit)
}

// Count counts live records.
func (s *Store) Count(ctx context.Context, t *beds.Template, find *beds.Find) (int64, error) {
	f := filter{p: s.plan(t)}
	if err := f.terms(find); err != nil {
		return 0, badPlan(err)
	}
	query, err := f.bytes()
	if err != nil {
		return 0, err
	}
	w := newWriter(len(query) + 64)
	root := w.open()
	w.str("count", t.Collection)
	w.raw("query", query)
	w.close(root)
	reply, err := s.read(ctx, w.b)
	if err != nil {
		return 0, err
	}
	return number(reply, "n"), nil
}

func (s *Store) rows(ctx context.Context, f *filter, sort []beds.Key, limit int) ([]beds.Row, error) {
	query, err := f.bytes()
	if err != nil {
		return nil, err
	}
	var rows []beds.Row
	err = s.find(ctx, f.p.t.Collection, query, f.p.projection, f.p.sortBy(sort), limit, func(doc string) error {
		row, err := f.p.decodeRow(doc)
		if err != nil {
			return unreadable(err)
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// unreadable is a record that BEDS did not write or another version wrote.
func unreadable(err error) error {
	return envelope.Wrap(envelope.Internal, err, "a stored record is not in the form of its template")
}

// badPlan keeps errors of the catalogue; any other is a fault of ours.
func badPlan(err error) error {
	var e *envelope.Error
	if errors.As(err, &e) {
		return e
	}
	return envelope.Wrap(envelope.Internal, err, "the document store cannot run this access path")
}
