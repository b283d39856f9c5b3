package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/pool"
	"github.com/beds-project/beds/runtime/session"
	"github.com/go-json-experiment/json/jsontext"
)

// ticketLife is how long RabbitMQ keeps the result of a ticket that nobody asks for.
const ticketLife = time.Hour

// A ticketDesk answers the operation ticket: it hands out a GUID at once, works on
// the operation inside, and keeps its reply in a queue of the ticket's own, where
// any node finds it. The message is acknowledged when the result is stored, so
// that a ticket that was handed out is never forgotten.
type ticketDesk struct {
	conn      *session.Conn
	publisher *session.Publisher
	prefix    string // of the queues' names
}

// openTickets connects the desk; it is closed with the node.
func (n *Node) openTickets() (*ticketDesk, error) {
	sc, err := SessionConfig(n.cfg, n.log)
	if err != nil {
		return nil, err
	}
	sc.Name = n.cfg.Node + " tickets"
	conn, err := session.Open(context.Background(), sc)
	if err != nil {
		return nil, err
	}
	const window = 64
	d := &ticketDesk{conn: conn, publisher: session.NewPublisher(conn, window), prefix: n.cfg.AMQP.QueueTag + "ticket."}
	n.onClose(func(ctx context.Context) {
		d.publisher.Close(ctx) //nolint:errcheck // unconfirmed results are delivered again
		d.conn.Close(ctx)      //nolint:errcheck // the process ends
	})
	return d, nil
}

// serveTicket handles one delivery of the operation ticket.
func (h *handler) serveTicket(ctx context.Context, d *pool.Delivery, req *envelope.Request, start time.Time) pool.Result {
	fail := func(err *envelope.Error) pool.Result {
		return h.conclude(ctx, d, req, envelope.Result{Err: err}, start)
	}
	if id, ok, err := pollOf(req.Data); err != nil {
		return fail(err)
	} else if ok {
		return h.conclude(ctx, d, req, h.tickets.poll(ctx, id), start)
	}
	inner, err := h.innerOf(req)
	if err != nil {
		return fail(err)
	}
	id := ticketID(req)
	if err := h.tickets.open(ctx, id); err != nil {
		return fail(envelope.Wrap(envelope.Unavailable, err, "the ticket cannot be kept at the moment; nothing was done"))
	}
	h.accept(ctx, d, req, id, start)
	return h.workTicket(ctx, d, inner, id)
}

// workTicket runs the operation and stores its reply. The caller's deadline was
// for the ticket, not for the work.
func (h *handler) workTicket(ctx context.Context, d *pool.Delivery, inner *envelope.Request, id runtime.GUID) pool.Result {
	start := time.Now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), h.deadlines.longest)
	defer cancel()
	ctx = lineage.With(ctx, h.lineage(inner))
	res := h.factory.Dispatch(ctx, &runtime.Request{Request: inner, UserID: d.UserID})
	out := pool.Result{Template: inner.Template}
	if res.Err != nil {
		h.report(ctx, inner, res.Err)
		if c := res.Err.Class(); c == envelope.ClassDependency || c == envelope.ClassUnknown {
			out.Verdict, out.Code, out.Reason = pool.Retry, string(res.Err.Code), res.Err.Message
			return out
		}
	}
	reply := envelope.AppendReply(nil, inner, &res, h.node, time.Since(start).Microseconds())
	if err := h.tickets.store(ctx, id, reply); err != nil {
		out.Verdict, out.Code, out.Reason = pool.Retry, string(envelope.Unavailable), "the ticket's result could not be stored"
	}
	return out
}

// accept tells the caller its ticket, ahead of the work.
func (h *handler) accept(ctx context.Context, d *pool.Delivery, req *envelope.Request, id runtime.GUID, start time.Time) {
	if d.ReplyTo == "" {
		return
	}
	res := envelope.Result{Data: fmt.Appendf(nil, `{"ticket":%q,"state":"accepted"}`, id), Count: 1}
	correlation := d.CorrelationID
	if correlation == "" {
		correlation = d.MessageID
	}
	// A reply that is lost costs the caller a second request with the same event,
	// which gets the same ticket.
	h.tickets.publisher.Publish(ctx, session.Message{Key: d.ReplyTo, Publishing: amqp.Publishing{ //nolint:errcheck // see above
		Type: "reply", ContentType: "application/json", CorrelationId: correlation,
		Body: envelope.AppendReply(nil, req, &res, h.node, time.Since(start).Microseconds()),
	}})
}

// pollOf reads {"ticket":"GUID"}; ok is false where the data is an operation.
func pollOf(data jsontext.Value) (id runtime.GUID, ok bool, err *envelope.Error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if dec.PeekKind() != '{' {
		return id, false, envelope.Errorf(envelope.Required, `data must be {"op":…,"data":…} for a new ticket, or {"ticket":"…"} to ask for one`)
	}
	dec.ReadToken() //nolint:errcheck // an opening brace was seen
	name, e := dec.ReadToken()
	if e != nil || name.Kind() != '"' || name.String() != "ticket" {
		return id, false, nil
	}
	value, e := dec.ReadToken()
	if e != nil || value.Kind() != '"' {
		return id, false, envelope.Errorf(envelope.BadType, "ticket must be a string with a GUID")
	}
	id, e = runtime.ParseGUID(value.String())
	if e != nil {
		return id, false, envelope.Errorf(envelope.BadValue, "ticket is %s", e)
	}
	if dec.PeekKind() != '}' {
		return id, false, envelope.Errorf(envelope.UnknownMember, "ticket is asked for alone, without other members")
	}
	return id, true, nil
}

// innerOf reads the operation inside a ticket: op, data, ops, options and key, as
// in an envelope.
func (h *handler) innerOf(req *envelope.Request) (*envelope.Request, *envelope.Error) {
	body := []byte(`{"v":1,"template":` + strconv.Quote(req.Template) + `,`)
	rest := bytes.TrimSpace(req.Data[1:])
	if len(rest) > 0 && rest[0] == '}' {
		return nil, envelope.Errorf(envelope.Required, "data names no op")
	}
	inner, err := envelope.Decode(append(body, rest...), h.limits)
	switch {
	case err != nil:
		return nil, err
	case inner.Op == envelope.OpTicket || inner.Op == envelope.OpPing || !known(inner.Op):
		return nil, envelope.Errorf(envelope.UnknownOp, "a ticket holds one of the data operations, not %q", clip(inner.Op))
	case inner.EventID != "" || inner.ParentID != "" || inner.RootID != "" || inner.Depth != 0 || inner.DeadlineMS != 0:
		return nil, envelope.Errorf(envelope.UnknownMember, "lineage and deadline belong to the ticket, not to the operation inside")
	}
	inner.EventID, inner.ParentID, inner.RootID, inner.Depth = req.EventID, req.ParentID, req.RootID, req.Depth
	if inner.Key == "" {
		inner.Key = req.Key
	}
	return inner, nil
}

// ticketID is the same for every delivery of one request.
func ticketID(req *envelope.Request) runtime.GUID {
	sum := sha256.Sum256([]byte("ticket\x00" + req.Template + "\x00" + req.EventID + "\x00" + req.Key))
	id := runtime.GUID(sum[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // UUIDv8
	return id
}

func (t *ticketDesk) queue(id runtime.GUID) string { return t.prefix + id.String() }

// channel opens a channel of its own for one errand: asking for a queue that is
// not there costs the channel.
func (t *ticketDesk) channel(ctx context.Context, errand func(*amqp.Channel) error) error {
	s, err := t.conn.Session(ctx)
	if err != nil {
		return err
	}
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	defer ch.Close() //nolint:errcheck // the errand has its own error
	return errand(ch)
}

// open makes the queue that will hold the result.
func (t *ticketDesk) open(ctx context.Context, id runtime.GUID) error {
	return t.channel(ctx, func(ch *amqp.Channel) error {
		_, err := ch.QueueDeclare(t.queue(id), true, false, false, false, amqp.Table{
			"x-expires": ticketLife.Milliseconds(), "x-max-length": int32(1),
		})
		return err
	})
}

func (t *ticketDesk) store(ctx context.Context, id runtime.GUID, reply []byte) error {
	return t.publisher.Publish(ctx, session.Message{Key: t.queue(id), Mandatory: true, Publishing: amqp.Publishing{
		ContentType: "application/json", DeliveryMode: amqp.Persistent, Body: reply,
	}})
}

// poll looks at the result and leaves it in its queue.
func (t *ticketDesk) poll(ctx context.Context, id runtime.GUID) envelope.Result {
	state := "pending"
	var reply []byte
	err := t.channel(ctx, func(ch *amqp.Channel) error {
		d, ok, err := ch.Get(t.queue(id), false)
		if err != nil || !ok {
			return err
		}
		state, reply = "done", d.Body
		return d.Nack(false, true)
	})
	var closed *amqp.Error
	switch {
	case errors.As(err, &closed) && closed.Code == amqp.NotFound:
		return envelope.Result{Err: envelope.Errorf(envelope.NotFound, "there is no such ticket; results are kept for %s", ticketLife)}
	case err != nil:
		return envelope.Result{Err: envelope.Wrap(envelope.Unavailable, err, "the ticket cannot be looked up at the moment")}
	}
	data := fmt.Appendf(nil, `{"ticket":%q,"state":%q`, id, state)
	if reply != nil {
		data = append(append(data, `,"reply":`...), reply...)
	}
	return envelope.Result{Data: append(data, '}'), Count: 1}
}
