package runtime

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
)

// NamasteCore is the contract of a data domain: every operation that a client can
// ask for. Core implements it; a hand-written file of a generated package may replace
// single methods through Extend.
//
// A method returns an *envelope.Error for everything that a caller may see; any
// other error is a fault of BEDS and reaches the caller as "internal".
type NamasteCore interface {
	Template() *Template
	Fetch(ctx context.Context, req *Request) (*Answer, error)
	Count(ctx context.Context, req *Request) (*Answer, error)
	Query(ctx context.Context, req *Request) (*Answer, error)
	Write(ctx context.Context, req *Request) (*Answer, error)
	Update(ctx context.Context, req *Request) (*Answer, error)
	Delete(ctx context.Context, req *Request) (*Answer, error)
	Object(ctx context.Context, req *Request) (*Answer, error)
}

// A Request is one operation on a template: an envelope with what the node adds.
type Request struct {
	*envelope.Request
	UserID string // validated by the broker; empty where clients do not authenticate
	// Internal requests come from BEDS itself: they may use closed templates.
	Internal bool
}

// An Answer is what an operation gives back. Rows are written through Projection;
// Raw, where set, holds complete JSON values instead.
type Answer struct {
	Rows       []Row
	Projection []int // nil: every field that is not secret
	Raw        []byte
	Count      int64
	Cursor     string
}

// Core implements NamasteCore for one template over one store.
type Core struct {
	template *Template
	store    Store
	now      func() time.Time
}

// NewCore makes the core of a template. It panics when the template is not sound,
// which only a change by hand of generated code can cause.
func NewCore(t *Template, s Store) Core {
	if err := Prepare(t); err != nil {
		panic(err)
	}
	return Core{template: t, store: s, now: time.Now}
}

// Template describes the core's domain.
func (c *Core) Template() *Template { return c.template }

// Store is where the core keeps its records.
func (c *Core) Store() Store { return c.store }

// Write inserts one record. Its answer is a row with the system fields.
func (c *Core) Write(ctx context.Context, req *Request) (*Answer, error) {
	item, err := c.planInsert(req)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	outcomes, err := c.store.Insert(ctx, c.template, []Insert{item}, false)
	if err != nil {
		return nil, err
	}
	return c.answerWrite(&outcomes[0])
}

// Update changes the fields that the data names.
func (c *Core) Update(ctx context.Context, req *Request) (*Answer, error) {
	item, err := c.planUpdate(req)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	outcomes, err := c.store.Update(ctx, c.template, []Update{item}, false)
	if err != nil {
		return nil, err
	}
	return c.answerWrite(&outcomes[0])
}

// Delete removes a record or marks it deleted, as the template says.
func (c *Core) Delete(ctx context.Context, req *Request) (*Answer, error) {
	item, err := c.planDelete(req)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	outcomes, err := c.store.Delete(ctx, c.template, []Delete{item}, false)
	if err != nil {
		return nil, err
	}
	return c.answerWrite(&outcomes[0])
}

// Object calls a DBA-owned object by name.
func (c *Core) Object(ctx context.Context, req *Request) (*Answer, error) {
	name, args, err := decodeObject(req)
	if err != nil || req.Options.DryRun {
		return &Answer{}, err
	}
	raw, err := c.store.Object(ctx, c.template, name, args)
	if err != nil {
		return nil, err
	}
	return answerArray(raw)
}

func (c *Core) planInsert(req *Request) (Insert, error) {
	row, err := decodeInsert(c.template, req.Data)
	if err != nil {
		return Insert{}, err
	}
	key, err := c.requestKey(req, GUID{}, 0, row)
	if err != nil {
		return Insert{}, err
	}
	now := c.now().UnixMicro()
	row[FieldID] = GUID(lineage.NewV7()).Value()
	row[FieldCreated] = IntValue(now)
	row[FieldUpdated] = IntValue(now)
	row[FieldRevision] = IntValue(1)
	if c.template.SoftDeletes() {
		row[FieldDeleted] = NullValue()
	}
	return Insert{RequestKey: key, Row: row}, nil
}

func (c *Core) planUpdate(req *Request) (Update, error) {
	if !c.template.Behaviour.Updates {
		return Update{}, envelope.Errorf(envelope.Unsupported, "template %s is append-only: it takes no updates", c.template.Name)
	}
	id, revision, row, err := decodeUpdate(c.template, req.Data)
	if err != nil {
		return Update{}, err
	}
	key, err := c.requestKey(req, id, revision, row)
	return Update{RequestKey: key, ID: id, Revision: revision, Now: c.now().UnixMicro(), Row: row}, err
}

func (c *Core) planDelete(req *Request) (Delete, error) {
	if c.template.Behaviour.Deletes == DeletesNone {
		return Delete{}, envelope.Errorf(envelope.Unsupported, "template %s takes no deletes", c.template.Name)
	}
	id, revision, err := decodeDelete(c.template, req.Data)
	if err != nil {
		return Delete{}, err
	}
	key, err := c.requestKey(req, id, revision, nil)
	return Delete{RequestKey: key, ID: id, Revision: revision, Now: c.now().UnixMicro()}, err
}

// requestKey makes the idempotency key: the caller's, or the event's id, which a
// second delivery of the same message carries too. The hash covers what the
// request asks for, in canonical form, so that only another request differs.
func (c *Core) requestKey(req *Request, id GUID, revision int64, row Row) (RequestKey, error) {
	key := req.Key
	if key == "" {
		key = req.EventID
	}
	if key == "" {
		return RequestKey{}, envelope.Errorf(envelope.Required,
			"key is missing: a write needs a key, an event_id or an AMQP message_id, so that it never takes effect twice")
	}
	for i := 0; i < len(key); i++ {
		if key[i] <= ' ' || key[i] > '~' {
			return RequestKey{}, envelope.Errorf(envelope.BadValue, "key must be printable ASCII without spaces")
		}
	}
	buf := make([]byte, 0, 512)
	buf = append(buf, req.Op...)
	buf = append(buf, 0)
	buf = append(buf, id[:]...)
	buf = binary.BigEndian.AppendUint64(buf, uint64(revision))
	for i := range row {
		if row[i].State != Missing {
			buf = binary.BigEndian.AppendUint16(buf, uint16(i))
			buf = AppendValue(buf, &c.template.Fields[i].Type, row[i])
		}
	}
	sum := sha256.Sum256(buf)
	return RequestKey{Key: key, Hash: [16]byte(sum[:16])}, nil
}

// written is the answer to a write, in one piece of memory.
type written struct {
	answer Answer
	rows   [1]Row
	values [FieldRevision + 1]Value
}

// systemProjection are the fields that the answer to a write has.
var systemProjection = []int{FieldID, FieldCreated, FieldUpdated, FieldRevision}

// answerWrite turns an outcome into the row of system fields, or an error.
func (c *Core) answerWrite(o *Outcome) (*Answer, error) {
	if err := outcomeError(c.template, o); err != nil {
		return nil, err
	}
	w := new(written)
	w.values[FieldID] = o.ID.Value()
	if o.Created != 0 {
		w.values[FieldCreated] = IntValue(o.Created)
	}
	w.values[FieldUpdated] = IntValue(o.Updated)
	w.values[FieldRevision] = IntValue(o.Revision)
	w.rows[0] = w.values[:]
	w.answer = Answer{Rows: w.rows[:], Projection: systemProjection, Count: 1}
	return &w.answer, nil
}

func outcomeError(t *Template, o *Outcome) error {
	switch o.Code {
	case "":
		return nil
	case envelope.NotFound:
		return envelope.Errorf(o.Code, "there is no %s with this id", t.Name)
	case envelope.Stale:
		return envelope.Errorf(o.Code, "the record has revision %d by now", o.Revision)
	case envelope.Duplicate:
		return &envelope.Error{Code: o.Code, Message: "another " + t.Name + " has the same " + o.Detail,
			Details: []envelope.Detail{{Field: o.Detail, Code: o.Code, Message: "is taken"}}}
	case envelope.KeyReused:
		return envelope.Errorf(o.Code, "the key was used before with another body")
	case envelope.Aborted:
		return envelope.Errorf(o.Code, "another operation of the batch failed")
	case envelope.Busy:
		return envelope.Errorf(o.Code, "the record is being changed by others; nothing was done")
	case envelope.Unknown:
		return envelope.Errorf(o.Code, "the record was changed too often since to tell whether the key was applied")
	}
	return envelope.Errorf(o.Code, "the store refused the record: %s", o.Detail)
}
