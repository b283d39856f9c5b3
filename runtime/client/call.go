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
	"github.com/beds-project/beds/runtime/session"
)

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
