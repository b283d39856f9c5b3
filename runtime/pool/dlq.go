package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// maxDeadScan bounds how many dead letters one operation looks at. They are held
// unacknowledged while it runs, so this also bounds the memory of the caller.
const maxDeadScan = 10_000

// ErrNoDeadLetter says that none of the dead letters looked at was the one asked for.
var ErrNoDeadLetter = errors.New("pool: no such dead letter")

// DeadLetter is one message of a dead-letter queue.
type DeadLetter struct {
	Position   int // from the head of the queue, from 0
	MessageID  string
	Queue      string // where it came from
	RoutingKey string
	Operation  string
	UserID     string
	Template   string
	Code       string
	Reason     string
	StackHash  string
	Node       string
	Attempts   int
	First      time.Time // when a node first saw it
	Last       time.Time // when it was given up
	Size       int       // bytes of the body as it was received
	Body       []byte    // nil when it was left out for its size, and in lists
}

// Selector picks dead letters. The zero value picks none, so that a forgotten argument
// cannot empty a queue.
type Selector struct {
	All        bool
	MessageIDs []string
	Code       string // all with this code
	Limit      int    // at most so many; 0: no limit but that of 10,000 looked at
}

func (s Selector) picks(d *DeadLetter) bool {
	if s.All || (s.Code != "" && s.Code == d.Code) {
		return true
	}
	for _, id := range s.MessageIDs {
		if id == d.MessageID {
			return true
		}
	}
	return false
}

// DeadLetters works on the dead-letter queue of one work queue. Its methods are for an
// operator's command: each opens a connection, and each leaves what it does not finish in
// the queue, in order.
//
// Looking is done by taking messages and giving them back. Quorum queues of RabbitMQ 4 count
// that and drop a message at the twentieth time unless a policy sets delivery-limit to -1
// for *.dlq; the operator's guide says so.
type DeadLetters struct {
	Session session.Config
	Queue   string // the work queue's name, without .dlq
}

// List returns up to limit dead letters without their bodies, and how many there are.
func (q DeadLetters) List(ctx context.Context, limit int) (letters []DeadLetter, total int, err error) {
	err = q.open(ctx, func(box *deadBox) error {
		total = box.total
		return box.each(ctx, limit, func(d *DeadLetter, _ *amqp.Delivery) (bool, error) {
			d.Body = nil
			letters = append(letters, *d)
			return false, nil
		})
	})
	return letters, total, err
}

// Show returns the first dead letter with a message id, body included.
func (q DeadLetters) Show(ctx context.Context, messageID string) (*DeadLetter, error) {
	var found *DeadLetter
	err := q.open(ctx, func(box *deadBox) error {
		return box.each(ctx, maxDeadScan, func(d *DeadLetter, _ *amqp.Delivery) (bool, error) {
			if d.MessageID == messageID {
				found = d
				return false, errEnough
			}
			return false, nil
		})
	})
	if err == nil && found == nil {
		err = fmt.Errorf("%w: %q in %s", ErrNoDeadLetter, messageID, session.DeadLetterQueue(q.Queue))
	}
	return found, err
}

// Replay sends the chosen dead letters back to their work queue, with their attempts
// starting again, and removes each only after the broker has confirmed its copy. A session
// lost in between leaves both; the idempotency of the request then makes the copy harmless.
// A message whose body was left out is not replayed and stays.
func (q DeadLetters) Replay(ctx context.Context, sel Selector) (n int, err error) {
	err = q.open(ctx, func(box *deadBox) error {
		publisher := session.NewPublisher(box.conn, 1)
		defer func() { _ = publisher.Close(ctx) }()
		return box.each(ctx, maxDeadScan, func(d *DeadLetter, m *amqp.Delivery) (bool, error) {
			if sel.Limit > 0 && n >= sel.Limit {
				return false, errEnough
			}
			if !sel.picks(d) || d.Size > len(d.Body) {
				return false, nil
			}
			msg := session.Message{Key: q.Queue, Mandatory: true, Publishing: revived(m, box.user)}
			if err := publisher.Publish(ctx, msg); err != nil {
				return false, fmt.Errorf("replaying message %q to %s: %w", d.MessageID, q.Queue, err)
			}
			n++
			return true, nil
		})
	})
	return n, err
}

// Purge deletes the chosen dead letters for good.
func (q DeadLetters) Purge(ctx context.Context, sel Selector) (n int, err error) {
	err = q.open(ctx, func(box *deadBox) error {
		return box.each(ctx, maxDeadScan, func(d *DeadLetter, _ *amqp.Delivery) (bool, error) {
			if sel.Limit > 0 && n >= sel.Limit {
				return false, errEnough
			}
			if !sel.picks(d) {
				return false, nil
			}
			n++
			return true, nil
		})
	})
	return n, err
}

// revived is a dead letter as a new request. The caller's deadline is long past and its
// reply address is gone, so both are left out.
func revived(m *amqp.Delivery, user string) amqp.Publishing {
	h := amqp.Table{}
	for key, value := range m.Headers {
		if !isBrokerHeader(key) {
			h[key] = value
		}
	}
	for _, key := range []string{HeaderDeadline, HeaderLast, HeaderCode, HeaderReason, HeaderTemplate, HeaderStack, HeaderNode} {
		delete(h, key)
	}
	h[HeaderAttempts] = int64(0)
	return amqp.Publishing{
		Headers: h, ContentType: m.ContentType, DeliveryMode: amqp.Persistent, CorrelationId: m.CorrelationId,
		MessageId: m.MessageId, Type: m.Type, UserId: user, Body: m.Body,
	}
}

// errEnough ends a scan early and is not an error to anybody else.
var errEnough = errors.New("enough")

// deadBox is an open dead-letter queue. Messages taken and not removed go back when its
// channel closes.
type deadBox struct {
	conn  *session.Conn
	ch    *amqp.Channel
	queue string
	user  string
	total int // when it was opened
}

func (q DeadLetters) open(ctx context.Context, work func(*deadBox) error) error {
	if err := session.Probe(ctx, q.Session); err != nil {
		return err
	}
	conn, err := session.Open(ctx, q.Session)
	if err != nil {
		return err
	}
	defer func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = conn.Close(limit)
	}()
	s, err := conn.Session(ctx)
	if err != nil {
		return err
	}
	ch, err := s.Channel()
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	name := session.DeadLetterQueue(q.Queue)
	state, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
	if err != nil {
		return fmt.Errorf("opening %s: %w", name, err)
	}
	return work(&deadBox{conn: conn, ch: ch, queue: name, user: s.User(), total: state.Messages})
}

// each visits the messages that were there when the box was opened, at most limit, and
// removes those for which visit returns true. A message that a replay brings back at once is
// therefore not visited again.
func (b *deadBox) each(ctx context.Context, limit int, visit func(*DeadLetter, *amqp.Delivery) (remove bool, err error)) error {
	for i := range min(b.total, limit, maxDeadScan) {
		if err := ctx.Err(); err != nil {
			return err
		}
		m, ok, err := b.ch.Get(b.queue, false)
		if err != nil {
			return fmt.Errorf("reading %s: %w", b.queue, err)
		}
		if !ok {
			return nil // somebody else works on it too
		}
		remove, err := visit(deadLetter(i, &m), &m)
		if remove {
			if err := m.Ack(false); err != nil {
				return fmt.Errorf("removing a message from %s: %w", b.queue, err)
			}
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func deadLetter(position int, m *amqp.Delivery) *DeadLetter {
	text := func(key string) string { s, _ := m.Headers[key].(string); return s }
	d := &DeadLetter{
		Position: position, MessageID: m.MessageId, Queue: text(HeaderQueue), RoutingKey: text(HeaderRoutingKey),
		Operation: m.Type, UserID: text(HeaderUser), Template: text(HeaderTemplate), Code: text(HeaderCode),
		Reason: text(HeaderReason), StackHash: text(HeaderStack), Node: text(HeaderNode),
		Size: len(m.Body), Body: m.Body,
	}
	attempts, _ := integer(m.Headers[HeaderAttempts])
	d.Attempts = int(attempts)
	d.First, _ = headerTime(m.Headers, HeaderFirst)
	d.Last, _ = headerTime(m.Headers, HeaderLast)
	if size, ok := integer(m.Headers[HeaderBodySize]); ok {
		d.Size, d.Body = int(size), nil
	}
	return d
}
