package session

import (
	"context"
	"errors"
	"fmt"
	"maps"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Outcomes of [Publisher.Publish] other than success.
var (
	// ErrUnconfirmed means that the broker did not confirm: the message may or may not be
	// stored. Publish it again with the same message id.
	ErrUnconfirmed = errors.New("session: the broker did not confirm the message")
	// ErrUnroutable means that no queue took a mandatory message. Nothing was stored.
	ErrUnroutable = errors.New("session: no queue takes the message")
	// ErrUnsendable means that the message breaks a limit of AMQP and was not sent. Sent
	// anyway, it would have ended the session of everybody else too.
	ErrUnsendable = errors.New("session: the message cannot be sent")
)

// headerSequence marks mandatory messages, so that a returned one is told from its
// neighbours whatever its message id is.
const headerSequence = "x-beds-seq"

// Message is one publishing with its address.
type Message struct {
	Exchange, Key string
	// Mandatory asks for ErrUnroutable when no queue takes the message.
	Mandatory bool
	amqp.Publishing
}

// Publisher publishes with confirmation on one channel of a [Conn], many at a time, across
// sessions. It is safe for concurrent use. Deferred confirmations are used throughout:
// NotifyPublish deadlocks when nobody reads (amqp091-go#10, #21, #46).
type Publisher struct {
	conn     *Conn
	requests chan *request
	ctx      context.Context
	stop     context.CancelFunc
	ended    chan struct{}
}

type request struct {
	msg  Message
	ctx  context.Context
	done chan error // buffered, so that the answer never waits for the asker
}

// NewPublisher starts a publisher on conn with at most window messages awaiting
// confirmation (0: 256). The caller must Close it before conn.
func NewPublisher(conn *Conn, window int) *Publisher {
	setDefault(&window, 256)
	p := &Publisher{conn: conn, requests: make(chan *request), ended: make(chan struct{})}
	p.ctx, p.stop = context.WithCancel(context.Background())
	go p.run(window)
	return p
}

// Publish returns nil once the broker has taken responsibility for m. It waits for a
// session, for an alarm to end and for the confirmation, all within ctx. When ctx ends
// after m was handed over, the outcome is unknown.
func (p *Publisher) Publish(ctx context.Context, m Message) error {
	if err := m.sendable(); err != nil {
		return err
	}
	r := &request{msg: m, ctx: ctx, done: make(chan error, 1)}
	select {
	case p.requests <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ctx.Done():
		return ErrClosed
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sendable finds what would make the library tear down the connection in mid-message.
func (m *Message) sendable() error {
	for _, s := range [...]string{m.Exchange, m.Key, m.ContentType, m.ContentEncoding, m.CorrelationId,
		m.ReplyTo, m.Expiration, m.MessageId, m.Type, m.UserId, m.AppId} {
		if len(s) > 255 {
			return fmt.Errorf("%w: a property of %d bytes exceeds 255", ErrUnsendable, len(s))
		}
	}
	if err := m.Headers.Validate(); err != nil {
		return fmt.Errorf("%w: %w", ErrUnsendable, err)
	}
	return nil
}

// Close lets messages in flight be confirmed while ctx lasts, then fails them.
func (p *Publisher) Close(ctx context.Context) error {
	p.stop()
	select {
	case <-p.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run serves session after session. A channel that the broker closes is replaced on the
// same session, with the usual pause: whatever closed it may do so again.
func (p *Publisher) run(window int) {
	defer close(p.ended)
	pause := Backoff{Min: p.conn.cfg.BackoffMin, Max: p.conn.cfg.BackoffMax}
	for {
		s, err := p.conn.Session(p.ctx)
		if err != nil {
			return
		}
		sent, err := p.serve(s, window)
		if err == nil {
			return
		}
		if sent > 0 {
			pause.Reset()
		}
		p.conn.log.Warn("confirmed publishing was interrupted", "error", err)
		if pause.Wait(p.ctx) != nil {
			return
		}
	}
}

// pendingConfirm is a message between publish and confirmation.
type pendingConfirm struct {
	*request
	confirm *amqp.DeferredConfirmation
}

// serve publishes on one channel until the publisher stops (nil) or the channel is lost.
func (p *Publisher) serve(s *Session, window int) (sent int, err error) {
	ch, err := s.Channel()
	if err != nil {
		return 0, err
	}
	if err := ch.Confirm(false); err != nil {
		return 0, err
	}
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	gone := make(chan struct{})
	go func() { drain(closed); close(gone) }()
	inflight := make(chan pendingConfirm, window)
	resolved := make(chan struct{})
	go resolve(ch.NotifyReturn(make(chan amqp.Return, window)), inflight, gone, resolved)
	defer func() {
		close(inflight)
		<-resolved
		_ = ch.Close()
	}()

	for {
		select {
		case r := <-p.requests:
			confirm, err := p.send(s, ch, r)
			if err != nil {
				r.done <- err
				if ch.IsClosed() {
					return sent, err
				}
				continue
			}
			sent++
			inflight <- pendingConfirm{r, confirm}
		case <-gone:
			return sent, errors.New("session: the broker closed the channel")
		case <-p.ctx.Done():
			return sent, nil
		}
	}
}

// send publishes one message; a failure says ErrUnconfirmed unless nothing was written.
func (p *Publisher) send(s *Session, ch *amqp.Channel, r *request) (*amqp.DeferredConfirmation, error) {
	if err := s.Writable(r.ctx); err != nil {
		return nil, err
	}
	if err := r.ctx.Err(); err != nil {
		return nil, err // the library would look at the context too late (amqp091-go#195)
	}
	msg := r.msg.Publishing
	if r.msg.Mandatory {
		msg.Headers = maps.Clone(msg.Headers)
		if msg.Headers == nil {
			msg.Headers = amqp.Table{}
		}
		msg.Headers[headerSequence] = int64(ch.GetNextPublishSeqNo())
	}
	confirm, err := ch.PublishWithDeferredConfirm(r.msg.Exchange, r.msg.Key, r.msg.Mandatory, false, msg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnconfirmed, err)
	}
	return confirm, nil
}

// resolve answers the requests in the order of publishing. It is the only reader of
// returns. The broker sends a message's return before its confirmation and the library
// hands them on in that order, so whatever is not in returns when the confirmation has
// been seen was not returned.
func resolve(returns <-chan amqp.Return, inflight <-chan pendingConfirm, gone <-chan struct{}, resolved chan<- struct{}) {
	defer close(resolved)
	returned := map[int64]bool{}
	note := func(r amqp.Return) {
		if seq, ok := r.Headers[headerSequence].(int64); ok {
			returned[seq] = true
		}
	}
	for m := range inflight {
		for waiting := true; waiting; {
			select {
			case r, ok := <-returns:
				if !ok {
					returns = nil // the channel is closing
					continue
				}
				note(r)
			case <-m.confirm.Done():
				waiting = false
			case <-gone:
				waiting = false
			}
		}
		for more := returns != nil; more; {
			select {
			case r, ok := <-returns:
				if more = ok; ok {
					note(r)
				}
			default:
				more = false
			}
		}
		m.done <- outcome(m.confirm, returned)
		delete(returned, int64(m.confirm.DeliveryTag))
	}
	if returns != nil {
		go drain(returns) // until the library closes it
	}
}

func outcome(confirm *amqp.DeferredConfirmation, returned map[int64]bool) error {
	switch {
	case !confirm.Acked():
		return ErrUnconfirmed
	case returned[int64(confirm.DeliveryTag)]:
		return ErrUnroutable
	}
	return nil
}
