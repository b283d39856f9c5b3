package pool

import (
	"context"
	"errors"
	"log/slog"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// reply is an answer on its way out.
type reply struct {
	to          string
	correlation string
	body        []byte
	sub         *subscription
	tag         uint64
}

// replier owns the channel on which all replies of a pool go out. They are transient and
// not mandatory: a reply queue that is gone must not fail the request, whose effect is
// durable and whose client asks again with its key. Many go out in one system call, because
// the connection below gathers them.
type replier struct {
	conn  *session.Conn
	guard *replyGuard
	log   *slog.Logger
	in    chan reply
	soft  context.Context
	stop  context.CancelFunc
	ended chan struct{}
}

// newReplier starts a replier that ends with hard, or with close.
func newReplier(hard context.Context, conn *session.Conn, guard *replyGuard, log *slog.Logger) *replier {
	r := &replier{conn: conn, guard: guard, log: log, in: make(chan reply, 256), ended: make(chan struct{})}
	r.soft, r.stop = context.WithCancel(hard)
	go r.run()
	return r
}

// send queues one reply. It fails only when the delivery's session is lost or the pool is
// torn down; the reply is pointless then, since the message will be delivered again.
func (r *replier) send(out reply) bool {
	out.sub.replies.Add(1)
	select {
	case r.in <- out:
		return true
	case <-out.sub.lost:
	case <-r.soft.Done():
	}
	out.sub.replies.Done()
	return false
}

// close ends the replier. The consumers have ended before: those that ended in order have
// waited for their replies, and those of lost sessions do not want them any more.
func (r *replier) close(ctx context.Context) error {
	r.stop()
	select {
	case <-r.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *replier) run() {
	defer close(r.ended)
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: 5 * time.Second}
	var kept *reply // could not be published and will be tried again
	for {
		s, err := r.conn.Session(r.soft)
		if err != nil {
			return
		}
		began := time.Now()
		kept, err = r.serve(s, kept)
		if err == nil {
			return
		}
		if !ofChannel(err) || time.Since(began) > pause.Max {
			pause.Reset()
		}
		if brokerStumbled(err) {
			r.guard.forget() // over an address that was good once, of a node that has left
			kept = r.admitted(kept)
		}
		r.log.Warn("replies are held up", "error", err)
		if pause.Wait(r.soft) != nil {
			return
		}
	}
}

// admitted drops a kept reply whose address the broker cannot resolve any more; its caller
// was connected to a broker node that has gone.
func (r *replier) admitted(kept *reply) *reply {
	if kept == nil {
		return nil
	}
	to, _ := parseReplyTo(kept.to, "") // a named queue has no node and passes
	if good, err := r.guard.admits(r.soft, to); err == nil && !good {
		kept.sub.finished(kept.tag)
		kept.sub.replies.Done()
		return nil
	}
	return kept
}

// serve publishes on one channel until the replier stops (nil error) or the channel fails.
func (r *replier) serve(s *session.Session, kept *reply) (*reply, error) {
	ch, err := s.Channel()
	if err != nil {
		return kept, err
	}
	defer func() { _ = ch.Close() }() // waits until the broker has read all that was published
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	if kept != nil {
		if err := r.publish(s, ch, *kept); err != nil {
			return kept, err
		}
	}
	for {
		select { // under load there is always one; looking for that alone is cheaper
		case out := <-r.in:
			if err := r.publish(s, ch, out); err != nil {
				return &out, err
			}
			continue
		default:
		}
		select {
		case out := <-r.in:
			if err := r.publish(s, ch, out); err != nil {
				return &out, err
			}
		case reason := <-closed:
			if reason == nil {
				return nil, session.ErrClosed
			}
			return nil, reason
		case <-r.soft.Done():
			return nil, nil
		}
	}
}

// publish hands one reply to the connection and then the delivery to its acknowledger.
func (r *replier) publish(s *session.Session, ch *amqp.Channel, out reply) error {
	if out.sub.isLost() {
		out.sub.stale()
		out.sub.replies.Done()
		return nil
	}
	if err := s.Writable(r.soft); err != nil {
		return err
	}
	err := ch.Publish("", out.to, false, false, amqp.Publishing{
		ContentType: "application/json", Type: "reply", DeliveryMode: amqp.Transient,
		CorrelationId: out.correlation, Body: out.body,
	})
	if err != nil {
		return errors.Join(errors.New("publishing a reply"), err)
	}
	out.sub.stats().replied.Add(1)
	out.sub.finished(out.tag)
	out.sub.replies.Done()
	return nil
}
