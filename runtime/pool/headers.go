package pool

import (
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Headers of messages in retry and dead-letter queues. All times are RFC 3339 in UTC.
const (
	headerPrefix = "x-beds-"

	HeaderAttempts   = "x-beds-attempts"    // made so far
	HeaderFirst      = "x-beds-first"       // when a node first saw the message
	HeaderLast       = "x-beds-last"        // when it was put here
	HeaderQueue      = "x-beds-queue"       // where it came from
	HeaderRoutingKey = "x-beds-routing-key" // with which it was published
	HeaderUser       = "x-beds-user"        // who published it, as validated by the broker
	HeaderDeadline   = "x-beds-deadline"    // when its caller stops waiting; absent: never
	HeaderNode       = "x-beds-node"        // who put it here
	HeaderCode       = "x-beds-code"
	HeaderReason     = "x-beds-reason"
	HeaderTemplate   = "x-beds-template"
	HeaderStack      = "x-beds-stack"     // hash of the stack of a crash
	HeaderBodySize   = "x-beds-body-size" // of a body that was left out for its size
)

// maxHeaderText keeps a handler's chatty reason from growing the dead letter.
const maxHeaderText = 1024

// newDelivery reads a message. node is the account this node uses: our own headers carry
// what the broker validated on the first delivery, and a client that forges them must gain
// nothing, so they are believed only when the broker says that the publisher was us.
func newDelivery(m *amqp.Delivery, queue, node string, now time.Time) *Delivery {
	d := &Delivery{
		Body: m.Body, Size: len(m.Body),
		Operation: m.Type, MessageID: m.MessageId, CorrelationID: m.CorrelationId, ReplyTo: m.ReplyTo,
		UserID: m.UserId, ContentType: m.ContentType, RoutingKey: m.RoutingKey, Queue: queue,
		Redelivered: m.Redelivered, Attempt: 1, First: now,
	}
	if m.Expiration == "" {
		// parsing nothing would cost an error
	} else if ms, err := strconv.ParseInt(m.Expiration, 10, 64); err == nil && ms >= 0 && ms < 1<<40 {
		d.Expiration = time.Duration(ms) * time.Millisecond
		d.Deadline = now.Add(d.Expiration)
	}
	if len(m.Headers) > 0 {
		d.readHeaders(m, node)
	}
	return d
}

func (d *Delivery) readHeaders(m *amqp.Delivery, node string) {
	// Quorum queues count deliveries that ended in a lost session for us.
	if n, ok := integer(m.Headers["x-delivery-count"]); ok && n > 0 {
		d.Attempt += int(min(n, 1<<20))
	}
	// Attempts are believed from anybody: who forges them only quarantines his own message.
	if n, ok := integer(m.Headers[HeaderAttempts]); ok && n > 0 {
		d.Attempt += int(min(n, 1<<20))
	}
	if ours := node != "" && m.UserId == node; ours {
		d.readOurs(m.Headers)
	}
	for key, value := range m.Headers {
		if strings.HasPrefix(key, headerPrefix) || isBrokerHeader(key) {
			continue
		}
		if d.Headers == nil {
			d.Headers = make(map[string]any, len(m.Headers))
		}
		d.Headers[key] = value
	}
}

func (d *Delivery) readOurs(h amqp.Table) {
	if key, ok := h[HeaderRoutingKey].(string); ok {
		d.RoutingKey = key
	}
	if _, ok := h[HeaderAttempts]; ok {
		d.UserID, _ = h[HeaderUser].(string) // absent: the client did not authenticate
	}
	if first, ok := headerTime(h, HeaderFirst); ok {
		d.First = first
	}
	if deadline, ok := headerTime(h, HeaderDeadline); ok {
		d.Deadline = deadline
	}
}

// isBrokerHeader finds headers that mean something to the broker. Those that it wrote while
// dead-lettering would be merged when sent back, or in newer versions refused; CC and BCC
// name more queues, into which a client would publish with the node's rights.
func isBrokerHeader(key string) bool {
	return key == "CC" || key == "BCC" || key == "x-death" || key == "x-delivery-count" ||
		strings.HasPrefix(key, "x-first-death-") || strings.HasPrefix(key, "x-last-death-")
}

// carry returns the headers that a message needs to come back as the same delivery.
func (d *Delivery) carry(now time.Time, node string) amqp.Table {
	h := make(amqp.Table, len(d.Headers)+12)
	for key, value := range d.Headers {
		h[key] = value
	}
	h[HeaderAttempts] = int64(d.Attempt)
	h[HeaderFirst] = d.First.UTC().Format(time.RFC3339Nano)
	h[HeaderLast] = now.UTC().Format(time.RFC3339Nano)
	h[HeaderQueue] = d.Queue
	h[HeaderRoutingKey] = d.RoutingKey
	h[HeaderNode] = node
	if d.UserID != "" {
		h[HeaderUser] = d.UserID
	}
	if !d.Deadline.IsZero() {
		h[HeaderDeadline] = d.Deadline.UTC().Format(time.RFC3339Nano)
	}
	return h
}

// publishing makes d a message again. It has no expiration: a delay queue would take it for
// its delay, and a dead letter must not vanish. user is the node's own account, see newDelivery.
func (d *Delivery) publishing(headers amqp.Table, user string) amqp.Publishing {
	return amqp.Publishing{
		Headers: headers, ContentType: d.ContentType, DeliveryMode: amqp.Persistent,
		CorrelationId: d.CorrelationID, ReplyTo: d.ReplyTo, MessageId: d.MessageID, Type: d.Operation,
		UserId: user, Body: d.Body,
	}
}

// correlation is what a reply carries so that the caller can match it.
func (d *Delivery) correlation() string {
	if d.CorrelationID != "" {
		return d.CorrelationID
	}
	return d.MessageID
}

func headerTime(h amqp.Table, key string) (time.Time, bool) {
	text, ok := h[key].(string)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	return t, err == nil
}

func integer(v any) (int64, bool) {
	switch n := v.(type) {
	case int64:
		return n, true
	case int32:
		return int64(n), true
	case int16:
		return int64(n), true
	}
	return 0, false
}

// clip shortens text for a header without cutting a character in half.
func clip(text string) string {
	if len(text) <= maxHeaderText {
		return text
	}
	return strings.ToValidUTF8(text[:maxHeaderText], "") + "…"
}
