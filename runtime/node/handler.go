package node

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/deadline"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/pool"
)

// A handler answers the requests of one kind of queue. It is the whole path of a
// request in one place: decode, check, dispatch, reply, verdict.
type handler struct {
	factory   *runtime.Factory
	limits    envelope.Limits
	deadlines deadlines
	node      string
	source    lineage.Source
	log       *slog.Logger
	// kind is "read", "write" or "obj", the second word of the routing key.
	kind    string
	tickets *ticketDesk
}

// deadlines bound how long a request may take.
type deadlines struct{ fallback, longest time.Duration }

// kinds says which operations each kind of queue serves, so that a role does what
// its queues say and nothing else.
var kinds = map[string][]string{
	"read":  {envelope.OpPing, envelope.OpFetch, envelope.OpCount, envelope.OpQuery},
	"write": {envelope.OpPing, envelope.OpWrite, envelope.OpUpdate, envelope.OpDelete},
	"obj":   {envelope.OpPing, envelope.OpBatch, envelope.OpObject, envelope.OpTicket},
}

// serve handles one delivery.
func (h *handler) serve(ctx context.Context, d *pool.Delivery) pool.Result {
	start := time.Now()
	req, err := h.decode(d)
	if err != nil {
		return h.conclude(ctx, d, req, envelope.Result{Err: err}, start)
	}
	w := &work{request: runtime.Request{Request: req, UserID: d.UserID}}
	w.Init(ctx, h.deadline(d, req, start))
	defer w.Cancel()
	if req.Op == envelope.OpTicket {
		return h.serveTicket(w, d, req, start)
	}
	w.lineage = h.lineage(req)
	return h.conclude(w, d, req, h.factory.Dispatch(w, &w.request), start)
}

// work is a request in hand: its context, which ends at its deadline and knows its
// lineage, and what the factory gets. One allocation holds it all.
type work struct {
	deadline.Context
	lineage lineage.Lineage
	request runtime.Request
}

// Value implements context.Context. What asks for the lineage may keep it, as log
// events do that wait for the collection; the request's strings would keep the body.
func (w *work) Value(key any) any {
	if _, ours := key.(lineage.ContextKey); ours {
		return w.lineage.Clone()
	}
	return w.Context.Value(key)
}

// decode reads the envelope and checks it against the message that carried it.
func (h *handler) decode(d *pool.Delivery) (*envelope.Request, *envelope.Error) {
	if d.Body == nil && d.Size > 0 {
		return &envelope.Request{EventID: d.MessageID}, envelope.Errorf(envelope.TooLarge, "the body has %d bytes; this node takes at most %d", d.Size, h.limits.Body)
	}
	req, err := envelope.Decode(d.Body, h.limits)
	if req.EventID == "" {
		req.EventID = d.MessageID
	}
	switch {
	case err != nil:
		return req, err
	case d.Operation != "" && d.Operation != req.Op:
		return req, envelope.Errorf(envelope.UnknownOp, "the AMQP type is %q, but op is %q", clip(d.Operation), req.Op)
	case !known(req.Op):
		return req, envelope.Errorf(envelope.UnknownOp, "there is no operation %q; there are %s", clip(req.Op), strings.Join(envelope.Operations, ", "))
	case !contains(kinds[h.kind], req.Op):
		return req, envelope.Errorf(envelope.UnknownOp, "%s is not served from %s; its routing key is {rec|rel}.%s.%s", req.Op, d.RoutingKey, kindOf(req.Op), req.Template)
	case keyed(req.Op) && req.Key == "" && req.EventID == "":
		return req, envelope.Errorf(envelope.Required, "key is missing: %s needs a key, an event_id or an AMQP message_id, so that it never takes effect twice", req.Op)
	case d.ReplyTo == "" && (h.kind == "read" || req.Op == envelope.OpPing):
		return req, envelope.Errorf(envelope.NoReturn, "%s makes sense only with a reply_to", req.Op)
	}
	return req, nil
}

// keyed reports whether an operation may change records. The event id that a node
// makes up itself is no key: a second delivery would get another one.
func keyed(op string) bool {
	return envelope.Writes(op) || op == envelope.OpBatch || op == envelope.OpTicket
}

func known(op string) bool { return contains(envelope.Operations, op) }

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func kindOf(op string) string {
	for kind, ops := range kinds {
		if op != envelope.OpPing && contains(ops, op) {
			return kind
		}
	}
	return "read"
}

// deadline is the earliest of the caller's, in the envelope and in the message's
// expiration, and the node's own.
func (h *handler) deadline(d *pool.Delivery, req *envelope.Request, start time.Time) time.Time {
	most := h.deadlines.fallback
	if req.DeadlineMS > 0 {
		most = time.Duration(min(req.DeadlineMS, h.deadlines.longest.Milliseconds())) * time.Millisecond
	} else if !d.Deadline.IsZero() {
		most = h.deadlines.longest
	}
	at := start.Add(most)
	if !d.Deadline.IsZero() && d.Deadline.Before(at) {
		return d.Deadline
	}
	return at
}

// lineage is the request's place in the tree of events. What a client says of it
// is taken as it is; a request without an event begins a tree.
func (h *handler) lineage(req *envelope.Request) lineage.Lineage {
	if req.EventID == "" {
		l := h.source.Root()
		req.EventID = l.EventID
		return l
	}
	l := lineage.Lineage{EventID: req.EventID, ParentID: req.ParentID, RootID: req.RootID, Depth: req.Depth}
	if l.RootID == "" {
		l.RootID = l.EventID
	}
	return l
}

// conclude writes the reply and decides what becomes of the message, by the class
// of the error alone.
func (h *handler) conclude(ctx context.Context, d *pool.Delivery, req *envelope.Request, res envelope.Result, start time.Time) pool.Result {
	out := pool.Result{Template: req.Template}
	if res.Err != nil {
		out.Code, out.Reason = string(res.Err.Code), reason(res.Err)
		out.Verdict = verdict(res.Err, d.ReplyTo != "")
		h.report(ctx, req, res.Err)
	}
	if d.ReplyTo != "" {
		out.Reply = envelope.AppendReply(make([]byte, 0, 256+len(res.Data)), req, &res, h.node, time.Since(start).Microseconds())
	}
	return out
}

// reason is what a dead letter says: the message, and the details that a reply
// would have listed.
func reason(err *envelope.Error) string {
	const most = 8
	text := err.Message
	if len(err.Details) < 2 {
		return text
	}
	for i, d := range err.Details {
		if i == most {
			return text + "; …"
		}
		text += "; " + d.Field + " " + d.Message
	}
	return text
}

// verdict: where nobody waits for the answer, what failed is kept.
func verdict(err *envelope.Error, answered bool) pool.Verdict {
	switch err.Class() {
	case envelope.ClassClient, envelope.ClassConflict:
		if answered {
			return pool.Ack
		}
		return pool.Quarantine
	case envelope.ClassDependency, envelope.ClassUnknown:
		if answered {
			return pool.Ack
		}
		return pool.Retry
	}
	return pool.Quarantine
}

// report logs faults; what a client did wrong is its own affair, at debug level.
func (h *handler) report(ctx context.Context, req *envelope.Request, err *envelope.Error) {
	level := slog.LevelDebug
	switch err.Class() {
	case envelope.ClassDependency, envelope.ClassUnknown:
		level = slog.LevelWarn
	case envelope.ClassInternal:
		level = slog.LevelError
	}
	if !h.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("resource", strings.Clone(req.Template)), slog.String("op", strings.Clone(req.Op)),
		slog.String("code", string(err.Code)), slog.String("error", err.Message),
	}
	if cause := errors.Unwrap(err); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
	}
	h.log.LogAttrs(ctx, level, "request failed", attrs...)
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
