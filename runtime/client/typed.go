package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/record"
	"github.com/beds-project/beds/runtime/session"
)

// Domain is the typed client of one template. Generated code embeds it in the
// package's Client.
type Domain[R any] struct {
	client   *Client
	template *runtime.Template
	toRow    func(*R) runtime.Row
	fromRow  func(runtime.Row) R
}

// NewDomain makes a typed client; generated code calls it. It panics when the
// template is not sound, which only a change by hand of generated code can cause.
func NewDomain[R any](c *Client, t *runtime.Template, toRow func(*R) runtime.Row, fromRow func(runtime.Row) R) Domain[R] {
	if err := runtime.Prepare(t); err != nil {
		panic(err)
	}
	return Domain[R]{c, t, toRow, fromRow}
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

// A Field is a field of a record in filters, sorts, projections and changes.
type Field[T any] struct {
	name  string
	codec record.Codec[T]
	typ   *runtime.Type
}

// NewField describes a field; generated code calls it.
func NewField[T any](t *runtime.Template, i int, codec record.Codec[T]) Field[T] {
	return Field[T]{t.Fields[i].Public, codec, &t.Fields[i].Type}
}

// Name is the public name.
func (f Field[T]) Name() string { return f.name }

// Conditions on a field.

// Eq is satisfied by records with exactly this value.
func (f Field[T]) Eq(v T) Condition { return f.condition("eq", v) }

// Gt is satisfied by greater values.
func (f Field[T]) Gt(v T) Condition { return f.condition("gt", v) }

// Gte is satisfied by this value and greater ones.
func (f Field[T]) Gte(v T) Condition { return f.condition("gte", v) }

// Lt is satisfied by smaller values.
func (f Field[T]) Lt(v T) Condition { return f.condition("lt", v) }

// Lte is satisfied by this value and smaller ones.
func (f Field[T]) Lte(v T) Condition { return f.condition("lte", v) }

// Prefix is satisfied by strings that begin with this one; it needs a pattern index.
func (f Field[T]) Prefix(v T) Condition { return f.condition("prefix", v) }

// IsNull is satisfied by records where the field is null.
func (f Field[T]) IsNull() Condition { return Condition{f.name, "eq", "null"} }

func (f Field[T]) condition(op string, v T) Condition {
	return Condition{f.name, op, string(runtime.AppendValue(nil, f.typ, f.codec.To(v)))}
}

// To is a change of the field in an update.
func (f Field[T]) To(v T) Change {
	return Change{f.name, string(runtime.AppendValue(nil, f.typ, f.codec.To(v)))}
}

// ToNull is a change of the field to null.
func (f Field[T]) ToNull() Change { return Change{f.name, "null"} }

// A Condition is part of a filter.
type Condition struct{ field, op, value string }

// A Change is one assignment of an update.
type Change struct{ field, value string }

// A Filter says which records a fetch or a count is about: all its conditions hold.
type Filter struct{ conditions []Condition }

// Where makes a filter; the node serves it along a declared index.
func Where(conditions ...Condition) Filter { return Filter{conditions} }

// And adds conditions.
func (f Filter) And(conditions ...Condition) Filter {
	return Filter{append(f.conditions[:len(f.conditions):len(f.conditions)], conditions...)}
}

func (f Filter) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, c := range f.conditions {
		if indexOf(f.conditions[:i], c.field) >= 0 {
			continue // written with the first condition of the field
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = fmt.Appendf(dst, "%q:{", c.field)
		sep := ""
		for _, same := range f.conditions[i:] {
			if same.field == c.field {
				dst = fmt.Appendf(dst, "%s%q:%s", sep, same.op, same.value)
				sep = ","
			}
		}
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

func indexOf(conditions []Condition, field string) int {
	for i, c := range conditions {
		if c.field == field {
			return i
		}
	}
	return -1
}

// An Option shapes a request.
type Option func(*envelope.Request)

// Limit is the largest number of records of a page.
func Limit(n int) Option { return func(r *envelope.Request) { r.Options.Limit = n } }

// After continues behind the page that gave the cursor.
func After(cursor string) Option { return func(r *envelope.Request) { r.Options.Cursor = cursor } }

// Sort orders by public names, "-" in front for descending, along the index.
func Sort(names ...string) Option { return func(r *envelope.Request) { r.Options.Sort = names } }

// Return limits the reply to these public names; other fields stay absent.
func Return(names ...string) Option { return func(r *envelope.Request) { r.Options.Return = names } }

// Key sets the idempotency key of a write, up to 128 bytes of printable ASCII.
// Without it, every call is a new event with a key of its own.
func Key(key string) Option { return func(r *envelope.Request) { r.Key = key } }

// DryRun checks the request without running it.
func DryRun() Option { return func(r *envelope.Request) { r.Options.DryRun = true } }

// Fetch returns a page of the records under a filter.
func (d Domain[R]) Fetch(ctx context.Context, f Filter, opts ...Option) (Page[R], error) {
	return d.page(ctx, envelope.OpFetch, f.append(nil), opts)
}

// Get returns one record by id; found is false where there is none.
func (d Domain[R]) Get(ctx context.Context, id record.GUID, opts ...Option) (rec R, found bool, err error) {
	p, err := d.page(ctx, envelope.OpFetch, fmt.Appendf(nil, `{"id":%q}`, id), opts)
	if err != nil || len(p.Records) == 0 {
		return rec, false, err
	}
	return p.Records[0], true, nil
}

// Count counts the records under a filter.
func (d Domain[R]) Count(ctx context.Context, f Filter, opts ...Option) (int64, error) {
	reply, err := d.call(ctx, envelope.OpCount, f.append(nil), opts)
	if err != nil {
		return 0, err
	}
	return reply.Count, nil
}

// Query runs a named query; generated methods call it with typed parameters.
func (d Domain[R]) Query(ctx context.Context, name string, params []Param, opts ...Option) (Page[R], error) {
	data := fmt.Appendf(nil, `{"name":%q,"params":{`, name)
	for i, p := range params {
		if i > 0 {
			data = append(data, ',')
		}
		data = fmt.Appendf(data, "%q:%s", p.name, p.value)
	}
	return d.page(ctx, envelope.OpQuery, append(data, "}}"...), opts)
}

// A Param is an argument of a named query.
type Param struct{ name, value string }

// Arg makes the argument of a parameter; generated code calls it.
func Arg[T any](q *runtime.Query, i int, codec record.Codec[T], v T) Param {
	p := &q.Params[i]
	return Param{p.Name, string(runtime.AppendValue(nil, &p.Type, codec.To(v)))}
}

// Write stores a new record.
func (d Domain[R]) Write(ctx context.Context, rec R, opts ...Option) (Stored, error) {
	data, err := d.appendRecord(nil, &rec)
	if err != nil {
		return Stored{}, err
	}
	return d.stored(ctx, envelope.OpWrite, data, opts)
}

// WriteAll stores records in one message. Each has its own outcome: errs holds
// nil or an error at the same position.
func (d Domain[R]) WriteAll(ctx context.Context, recs []R, opts ...Option) (stored []Stored, errs []error, err error) {
	req := d.request(envelope.OpBatch, nil, opts)
	for i := range recs {
		data, err := d.appendRecord(nil, &recs[i])
		if err != nil {
			return nil, nil, fmt.Errorf("record %d: %w", i, err)
		}
		req.Ops = append(req.Ops, envelope.Request{Op: envelope.OpWrite, Data: data})
	}
	reply, err := d.client.Call(ctx, req, d.template.Family)
	if err != nil {
		return nil, nil, err
	}
	stored, errs = make([]Stored, len(recs)), make([]error, len(recs))
	if len(reply.Data) != len(recs) {
		return nil, nil, fmt.Errorf("beds: %d results for %d records", len(reply.Data), len(recs))
	}
	for i, raw := range reply.Data {
		stored[i], errs[i] = d.readResult(raw)
	}
	return stored, errs, nil
}

// Update changes fields of a record. revision is the one that the change is based
// on; 0 where the template does without locking and whatever it is will do.
func (d Domain[R]) Update(ctx context.Context, id record.GUID, revision int64, changes []Change, opts ...Option) (Stored, error) {
	data := appendTarget(nil, id, revision)
	for _, c := range changes {
		data = fmt.Appendf(data, ",%q:%s", c.field, c.value)
	}
	return d.stored(ctx, envelope.OpUpdate, append(data, '}'), opts)
}

// Delete removes a record; revision as in Update.
func (d Domain[R]) Delete(ctx context.Context, id record.GUID, revision int64, opts ...Option) error {
	_, err := d.call(ctx, envelope.OpDelete, append(appendTarget(nil, id, revision), '}'), opts)
	return err
}

func appendTarget(dst []byte, id record.GUID, revision int64) []byte {
	dst = fmt.Appendf(dst, `{"id":%q`, id)
	if revision != 0 {
		dst = fmt.Appendf(dst, `,"revision":%d`, revision)
	}
	return dst
}

// appendRecord writes what a caller may set; absent fields are left out.
func (d Domain[R]) appendRecord(dst []byte, rec *R) ([]byte, error) {
	row := d.toRow(rec)
	dst = append(dst, '{')
	sep := ""
	for i := runtime.FieldRevision + 1; i < len(row); i++ {
		f := &d.template.Fields[i]
		if row[i].State == runtime.Missing || f.Protected || f.Name == "deleted" {
			continue
		}
		if (f.Type.Kind == runtime.Object || f.Type.Kind == runtime.Array) && row[i].State == runtime.Set && row[i].Str == "" {
			return nil, fmt.Errorf("beds: field %s of %s cannot be written as JSON", f.Public, d.template.Name)
		}
		dst = fmt.Appendf(dst, "%s%q:", sep, f.Public)
		dst = runtime.AppendValue(dst, &f.Type, row[i])
		sep = ","
	}
	return append(dst, '}'), nil
}

func (d Domain[R]) request(op string, data []byte, opts []Option) *envelope.Request {
	req := &envelope.Request{Template: d.template.Name, Op: op, Data: data}
	for _, o := range opts {
		o(req)
	}
	return req
}

func (d Domain[R]) call(ctx context.Context, op string, data []byte, opts []Option) (*envelope.Reply, error) {
	return d.client.Call(ctx, d.request(op, data, opts), d.template.Family)
}

func (d Domain[R]) page(ctx context.Context, op string, data []byte, opts []Option) (Page[R], error) {
	reply, err := d.call(ctx, op, data, opts)
	if err != nil {
		return Page[R]{}, err
	}
	p := Page[R]{Records: make([]R, len(reply.Data)), Cursor: reply.Cursor}
	for i, raw := range reply.Data {
		row, err := runtime.DecodeRow(d.template, raw)
		if err != nil {
			return Page[R]{}, err
		}
		p.Records[i] = d.fromRow(row)
	}
	return p, nil
}

func (d Domain[R]) stored(ctx context.Context, op string, data []byte, opts []Option) (Stored, error) {
	reply, err := d.call(ctx, op, data, opts)
	if err != nil || len(reply.Data) == 0 {
		return Stored{}, err
	}
	return d.readStored(reply.Data[0])
}

func (d Domain[R]) readStored(raw []byte) (Stored, error) {
	row, err := runtime.DecodeRow(d.template, raw)
	if err != nil {
		return Stored{}, err
	}
	return Stored{runtime.GUIDOf(row[runtime.FieldID]), row[runtime.FieldRevision].Int}, nil
}

func (d Domain[R]) readResult(raw []byte) (Stored, error) {
	res, err := envelope.DecodeResult(raw)
	if err != nil {
		return Stored{}, err
	}
	if err := res.Err(); err != nil {
		return Stored{}, err
	}
	if len(res.Data) == 0 {
		return Stored{}, nil
	}
	return d.readStored(res.Data[0])
}

// Call sends a request and waits for its reply; an error status is an error. The
// event id and, for writes, the key are made here where the request has none. An
// outcome that is unknown, because the session or the node's call of the database
// broke, is resolved by asking again with the key for as long as ctx lasts.
func (c *Client) Call(ctx context.Context, req *envelope.Request, family runtime.Family) (*envelope.Reply, error) {
	if req.EventID == "" {
		id := runtime.GUID(lineage.NewV7())
		req.EventID = id.String()
		if l := lineage.From(ctx); !l.IsZero() {
			req.EventID = l.EventID[:strings.LastIndexByte(l.EventID, '.')+1] + req.EventID
			req.ParentID, req.RootID, req.Depth = l.EventID, l.RootID, l.Depth+1
		}
	}
	if req.Key == "" && (envelope.Writes(req.Op) || req.Op == envelope.OpBatch || req.Op == envelope.OpTicket) {
		req.Key = req.EventID
	}
	p := Publishing{
		Type: req.Op, MessageID: req.EventID, Body: envelope.AppendRequest(nil, req), UserID: c.User(),
		Persistent: req.Op != envelope.OpFetch && req.Op != envelope.OpCount && req.Op != envelope.OpQuery && req.Op != envelope.OpPing,
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
	}
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: time.Second}
	for {
		reply, err := c.ask(ctx, req, family, p)
		if !isUnknown(err) || !repeatable(req) || pause.Wait(ctx) != nil {
			return reply, err
		}
	}
}

// isUnknown reports whether the request may or may not have taken effect.
func isUnknown(err error) bool {
	var e *envelope.Error
	return errors.Is(err, ErrSessionLost) || errors.As(err, &e) && e.Class() == envelope.ClassUnknown
}

// repeatable reports whether a second delivery changes nothing: reads, and what has a
// key. A DBA's object runs again each time.
func repeatable(req *envelope.Request) bool {
	object := func(r envelope.Request) bool { return r.Op == envelope.OpObject }
	return req.Op != envelope.OpObject && req.Op != envelope.OpTicket && !slices.ContainsFunc(req.Ops, object)
}

// ask makes one attempt.
func (c *Client) ask(ctx context.Context, req *envelope.Request, family runtime.Family, p Publishing) (*envelope.Reply, error) {
	body, err := c.Roundtrip(ctx, RoutingKey(family, req.Op, req.Template), p)
	if errors.Is(err, ErrNoRoute) && strings.Contains(err.Error(), ".obj.") {
		err = fmt.Errorf("%w: %s is served by mBroker, and no node runs one; set m_broker in [broker_services.app_server.instances]", err, req.Op)
	}
	if err != nil {
		return nil, err
	}
	reply, err := envelope.DecodeReply(body)
	if err != nil {
		return nil, err
	}
	return reply, reply.Err()
}

// User is the account that the broker knows the client by, or empty with a certificate
// and no Config.User. Requests carry it, and the broker vouches for it.
func (c *Client) User() string { return c.cfg.session().Account() }

// RoutingKey is the key of a request: {family}.{read|write|obj}.{template}.
func RoutingKey(family runtime.Family, op, template string) string {
	kind := "read"
	switch op {
	case envelope.OpWrite, envelope.OpUpdate, envelope.OpDelete:
		kind = "write"
	case envelope.OpObject, envelope.OpBatch, envelope.OpTicket:
		kind = "obj"
	}
	if template == "" {
		template = "node"
	}
	return string(family) + "." + kind + "." + template
}
