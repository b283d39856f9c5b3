package runtime

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"io"
	"slices"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-json-experiment/json/jsontext"
)

// DefaultLimit is the page size where neither request nor template says one.
const DefaultLimit = 50

// Fetch reads records by id, along an index or, where the template allows it, by
// free filters. An absent id is left out of the answer; it is no error.
func (c *Core) Fetch(ctx context.Context, req *Request) (*Answer, error) {
	projection, err := decodeProjection(c.template, req.Options.Return)
	if err != nil {
		return nil, err
	}
	f, err := decodeFilter(c.template, req.Data)
	if err != nil {
		return nil, err
	}
	if f.byID {
		return c.fetchIDs(ctx, req, f, projection)
	}
	find, err := c.planFind(req, f)
	if err != nil {
		return nil, err
	}
	if key, ok := find.uniqueKey(); ok && req.Options.Cursor == "" {
		return c.lookup(ctx, req, find.Index, key, projection)
	}
	hash := hashFind(c.template, find)
	find.After, err = decodeCursor(c.template, req.Options.Cursor, find.Sort, hash)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	limit := find.Limit
	find.Limit++ // one more tells whether there is a next page
	rows, err := c.store.Find(ctx, c.template, find)
	if err != nil {
		return nil, err
	}
	return page(c.template, rows, limit, find.Sort, hash, projection), nil
}

// planGet checks a fetch of one id; ok is false for any other.
func (c *Core) planGet(req *Request) (id GUID, projection []int, ok bool, err error) {
	projection, err = decodeProjection(c.template, req.Options.Return)
	if err != nil {
		return id, nil, true, err
	}
	f, err := decodeFilter(c.template, req.Data)
	if err != nil {
		return id, nil, true, err
	}
	if !f.byID || len(f.ids) != 1 {
		return id, nil, false, nil
	}
	return f.ids[0], projection, true, c.checkIDs(req, f)
}

// checkIDs refuses what has no meaning beside ids.
func (c *Core) checkIDs(req *Request, f *filter) error {
	switch {
	case len(f.terms) > 0:
		return envelope.Errorf(envelope.NoAccessPath, "id is sought alone, without other fields")
	case len(f.ids) > c.template.Behaviour.MaxLimit:
		return envelope.Errorf(envelope.TooLarge, "id lists %d records; at most %d are allowed", len(f.ids), c.template.Behaviour.MaxLimit)
	case req.Options.Cursor != "" || req.Options.Sort != nil:
		return envelope.Errorf(envelope.UnknownOption, "a fetch by id takes no cursor and no sort")
	}
	return nil
}

func (c *Core) fetchIDs(ctx context.Context, req *Request, f *filter, projection []int) (*Answer, error) {
	if err := c.checkIDs(req, f); err != nil || len(f.ids) == 0 || req.Options.DryRun {
		return &Answer{}, err
	}
	rows, err := c.store.Get(ctx, c.template, f.ids)
	if err != nil {
		return nil, err
	}
	rows = inOrder(f.ids, rows)
	return &Answer{Rows: rows, Count: int64(len(rows)), Projection: projection}, nil
}

// inOrder puts rows into the order of the ids that were asked for, each once.
func inOrder(ids []GUID, rows []Row) []Row {
	if len(rows) < 2 {
		return rows
	}
	at := make(map[GUID]int, len(ids))
	for i := len(ids) - 1; i >= 0; i-- {
		at[ids[i]] = i
	}
	slices.SortFunc(rows, func(a, b Row) int { return at[GUIDOf(a[FieldID])] - at[GUIDOf(b[FieldID])] })
	return slices.CompactFunc(rows, func(a, b Row) bool { return a[FieldID].Str == b[FieldID].Str })
}

// lookup reads the record that a unique key names; there is no page after it.
func (c *Core) lookup(ctx context.Context, req *Request, ix *Index, key UniqueKey, projection []int) (*Answer, error) {
	if req.Options.DryRun {
		return &Answer{}, nil
	}
	rows, err := c.store.Lookup(ctx, c.template, ix, []UniqueKey{key})
	if err != nil {
		return nil, err
	}
	return &Answer{Rows: rows, Count: int64(len(rows)), Projection: projection}, nil
}

// planFind chooses the path and reads the limit.
func (c *Core) planFind(req *Request, f *filter) (*Find, error) {
	sort, err := decodeSort(c.template, req.Options.Sort)
	if err != nil {
		return nil, err
	}
	find, err := plan(c.template, f, sort)
	if err != nil {
		return nil, err
	}
	find.Limit, err = pageLimit(req.Options.Limit, c.template.Behaviour.MaxLimit)
	return find, err
}

// uniqueKey is the key where the terms are nothing but the values of one.
func (f *Find) uniqueKey() (key UniqueKey, ok bool) {
	if f.Index == nil || !f.Index.Identifies() || len(f.Terms) != len(f.Index.Keys) {
		return key, false
	}
	for i, k := range f.Index.Keys {
		for j := range f.Terms {
			if f.Terms[j].Field == k.Field && f.Terms[j].Op == Eq {
				key[i] = f.Terms[j].Value
			}
		}
		if key[i].State != Set {
			return key, false
		}
	}
	return key, true
}

func pageLimit(asked, max int) (int, error) {
	switch {
	case asked == 0:
		return min(DefaultLimit, max), nil
	case asked > max:
		return 0, envelope.Errorf(envelope.TooLarge, "options.limit is %d; at most %d are allowed", asked, max)
	}
	return asked, nil
}

// page cuts the row too many and makes the cursor of the next page.
func page(t *Template, rows []Row, limit int, sort []Key, hash uint64, projection []int) *Answer {
	a := &Answer{Rows: rows, Projection: projection}
	if len(rows) > limit {
		a.Rows = rows[:limit]
		a.Cursor = encodeCursor(t, a.Rows[limit-1], sort, hash)
	}
	a.Count = int64(len(a.Rows))
	return a
}

// Count counts the records that a fetch with the same data would find.
func (c *Core) Count(ctx context.Context, req *Request) (*Answer, error) {
	f, err := decodeFilter(c.template, req.Data)
	if err != nil {
		return nil, err
	}
	if f.byID {
		a, err := c.fetchIDs(ctx, req, f, nil)
		if err != nil {
			return nil, err
		}
		return &Answer{Count: a.Count}, nil
	}
	find, err := plan(c.template, f, nil)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	n, err := c.store.Count(ctx, c.template, find)
	return &Answer{Count: n}, err
}

// Query runs a declared query.
func (c *Core) Query(ctx context.Context, req *Request) (*Answer, error) {
	projection, err := decodeProjection(c.template, req.Options.Return)
	if err != nil {
		return nil, err
	}
	nq, err := decodeQuery(c.template, req.Data)
	if err != nil {
		return nil, err
	}
	if req.Options.Sort != nil {
		return nil, envelope.Errorf(envelope.UnknownOption, "a named query has its own sort; options.sort is not for it")
	}
	limit, err := pageLimit(req.Options.Limit, nq.Query.Limit)
	if err != nil {
		return nil, err
	}
	hash := hashQuery(c.template, nq)
	if nq.After, err = decodeCursor(c.template, req.Options.Cursor, nq.Query.Sort, hash); err != nil {
		return nil, err
	}
	if req.Options.DryRun {
		return &Answer{}, nil
	}
	nq.Limit = limit + 1
	rows, err := c.store.Query(ctx, c.template, nq)
	if err != nil {
		return nil, err
	}
	return page(c.template, rows, limit, nq.Query.Sort, hash, projection), nil
}

func decodeQuery(t *Template, data jsontext.Value) (*NamedQuery, error) {
	var name string
	var params jsontext.Value
	err := eachMember(data, "data", func(member string, dec *jsontext.Decoder) error {
		switch {
		case member == "name" && dec.PeekKind() == '"':
			tok, _ := dec.ReadToken()
			name = tok.String()
		case member == "params" && dec.PeekKind() == '{':
			v, err := dec.ReadValue()
			if err != nil {
				return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
			}
			params = bytes.Clone(v)
		default:
			return envelope.Errorf(envelope.UnknownMember, "data takes name (a string) and params (an object), not %q", clip(member))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	q := t.Query(name)
	if q == nil {
		return nil, envelope.Errorf(envelope.UnknownQuery, "%s has no query %q; it has %s", t.Name, clip(name), t.queryNames())
	}
	args, err := decodeParams(q, params)
	return &NamedQuery{Query: q, Args: args}, err
}

func decodeParams(q *Query, params jsontext.Value) ([]Value, error) {
	args := make([]Value, len(q.Params))
	var errs details
	err := eachMember(params, "params", func(name string, dec *jsontext.Decoder) error {
		i := slices.IndexFunc(q.Params, func(p Param) bool { return p.Name == name })
		if i < 0 {
			errs.add(name, envelope.UnknownField, "is not a parameter of the query %s", q.Name)
			return skip(dec)
		}
		v, p, err := decodeValue(dec, &q.Params[i].Type)
		if err != nil {
			return envelope.Wrap(envelope.Malformed, err, "data is not JSON")
		}
		if p != nil {
			errs.add(name, p.code, "%s", p.message)
		}
		args[i] = v
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range args {
		if args[i].State != Set && !errs.has(q.Params[i].Name) {
			errs.add(q.Params[i].Name, envelope.Required, "is a required parameter")
		}
	}
	return args, errs.err()
}

func (t *Template) queryNames() string {
	list := make([]string, len(t.Queries))
	for i := range t.Queries {
		list[i] = t.Queries[i].Name
	}
	if len(list) == 0 {
		return "none"
	}
	return names(list)
}

// decodeProjection reads options.return; nil is every field.
func decodeProjection(t *Template, list []string) ([]int, error) {
	if list == nil {
		return nil, nil
	}
	var errs details
	projection := make([]int, 0, len(list))
	for _, name := range list {
		i := t.FieldIndex(name)
		switch {
		case i < 0:
			errs.add(name, envelope.UnknownField, "in options.return is not a field of %s%s", t.Name, t.meant(name, errs))
		case t.Fields[i].Secret:
			errs.add(name, envelope.Forbidden, "is never returned")
		case !slices.Contains(projection, i):
			projection = append(projection, i)
		}
	}
	if len(list) == 0 {
		errs.add("return", envelope.BadValue, "names no field")
	}
	return projection, errs.err()
}

// A cursor is base64url of 8 bytes that identify the path and the filter, and the
// JSON array of the sort values of the last record. It is no secret and no right:
// its values are typed and only say where to go on.

func encodeCursor(t *Template, last Row, sort []Key, hash uint64) string {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 128), hash)
	b = append(b, '[')
	for i, k := range sort {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendValue(b, &t.Fields[k.Field].Type, last[k.Field])
	}
	return base64.RawURLEncoding.EncodeToString(append(b, ']'))
}

func decodeCursor(t *Template, cursor string, sort []Key, hash uint64) ([]Value, error) {
	if cursor == "" {
		return nil, nil
	}
	bad := envelope.Errorf(envelope.BadCursor, "options.cursor belongs to another request; repeat the one that gave it, or leave the cursor out")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(b) < 10 || binary.BigEndian.Uint64(b) != hash {
		return nil, bad
	}
	dec := jsontext.NewDecoder(bytes.NewReader(b[8:]))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '[' {
		return nil, bad
	}
	after := make([]Value, len(sort))
	for i, k := range sort {
		if kind := dec.PeekKind(); kind == ']' || kind == 0 {
			return nil, bad
		}
		v, p, err := decodeValue(dec, &t.Fields[k.Field].Type)
		if err != nil || p != nil || v.State == Null && t.Fields[k.Field].Required {
			return nil, bad
		}
		after[i] = v
	}
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != ']' {
		return nil, bad
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, bad
	}
	return after, nil
}

func hashFind(t *Template, f *Find) uint64 {
	h := fnv.New64a()
	b := append([]byte(nil), t.Name...)
	if f.Index != nil {
		b = append(append(b, 0), f.Index.Name...)
	}
	for _, k := range f.Sort {
		b = append(b, 0, byte(k.Field>>8), byte(k.Field))
		if k.Desc {
			b = append(b, '-')
		}
	}
	for _, term := range f.Terms {
		b = append(b, 0, byte(term.Field>>8), byte(term.Field), byte(term.Op))
		b = AppendValue(b, &t.Fields[term.Field].Type, term.Value)
	}
	h.Write(b)
	return h.Sum64()
}

func hashQuery(t *Template, nq *NamedQuery) uint64 {
	h := fnv.New64a()
	b := append([]byte(nil), t.Name...)
	b = append(append(b, 1), nq.Query.Name...)
	for i := range nq.Args {
		b = AppendValue(append(b, 0), &nq.Query.Params[i].Type, nq.Args[i])
	}
	h.Write(b)
	return h.Sum64()
}
