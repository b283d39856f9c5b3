package pool

import (
	"context"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// keepIdle is how many workers of a subscription stay around without work. Starting one
// costs about a microsecond, keeping thousands costs their stacks.
const keepIdle = 16

// crew counts the workers of a subscription. They follow each other as leader: one that
// takes a delivery makes sure that another one waits for the next, so that no dispatcher
// stands between the connection and the handlers.
type crew struct {
	total   atomic.Int64
	waiting atomic.Int64
}

// hire starts a worker unless the prefetch limit is reached.
func (sub *subscription) hire() {
	if sub.crew.total.Add(1) > int64(sub.group.broker.Prefetch) {
		sub.crew.total.Add(-1)
		return
	}
	sub.crew.waiting.Add(1)
	sub.workers.Add(1)
	go sub.work()
}

// work is one worker: it ends with the deliveries, or when enough others wait.
func (sub *subscription) work() {
	ordered := false
	defer func() {
		sub.crew.total.Add(-1)
		if !ordered {
			sub.hire() // the handler ended this goroutine
		}
		sub.workers.Done()
	}()
	for {
		m, ok := <-sub.deliveries
		if sub.crew.waiting.Add(-1) == 0 && ok {
			sub.hire()
		}
		if !ok {
			ordered = true
			return
		}
		sub.handle(&m)
		if sub.crew.waiting.Add(1) > keepIdle {
			sub.crew.waiting.Add(-1)
			ordered = true
			return
		}
	}
}

// handle takes one message from its receipt to its acknowledgement, or to the replier.
func (sub *subscription) handle(m *amqp.Delivery) {
	st := sub.stats()
	st.delivered.Add(1)
	st.inFlight.Add(1)
	if m.Redelivered {
		st.redelivered.Add(1)
	}
	now := time.Now()
	d := newDelivery(m, sub.group.queue, sub.user, now)
	gone := callerGone(d, now)
	if gone {
		st.expired.Add(1)
		if d.ReplyTo == "" || sub.pool.cfg.Expired == nil {
			sub.finished(m.DeliveryTag)
			return
		}
	}
	mayReply, err := sub.mayReply(d)
	if err != nil {
		sub.stale()
		return
	}
	var out outcome
	defer func() { sub.settle(m.DeliveryTag, d, &out) }()
	if !mayReply {
		st.badReplyTo.Add(1)
		d.ReplyTo = "" // a replay must not answer there either
		out.Result = Result{Verdict: Quarantine, Code: CodeBadReplyTo,
			Reason: "reply_to is neither a valid direct reply-to nor a reserved reply queue"}
		return
	}
	if gone {
		sub.call(sub.ctx, func(_ context.Context, d *Delivery) Result { return sub.pool.cfg.Expired(d) }, d, &out)
		return
	}
	sub.decide(d, &out)
}

// mayReply says whether d's reply address, if it has one, may be used. The error means that
// the session was lost while finding out.
func (sub *subscription) mayReply(d *Delivery) (bool, error) {
	guard := sub.pool.guard
	if d.ReplyTo == "" || guard.seen(d.ReplyTo) {
		return true, nil
	}
	to, ok := parseReplyTo(d.ReplyTo, sub.pool.cfg.ReplyPrefix)
	if !ok {
		return false, nil
	}
	good, known := guard.known(to.node)
	if !known {
		ctx, cancel := sub.untilLost()
		defer cancel()
		var err error
		if good, err = guard.admits(ctx, to); err != nil {
			return false, err
		}
	}
	if good {
		guard.remember(d.ReplyTo)
	}
	return good, nil
}

// decide runs the handler, or what stands in for it when the body is too large.
func (sub *subscription) decide(d *Delivery, out *outcome) {
	handler := sub.group.broker.Handler
	if d.Size > sub.pool.cfg.MaxBody {
		sub.stats().tooLarge.Add(1)
		d.Body = nil
		handler = func(_ context.Context, d *Delivery) Result { return sub.pool.cfg.TooLarge(d) }
	}
	sub.call(sub.ctx, handler, d, out)
}

// settle does what the verdict says and then lets the delivery be acknowledged.
func (sub *subscription) settle(tag uint64, d *Delivery, out *outcome) {
	if out.Verdict != Ack {
		if stored := sub.putAside(d, out); !stored {
			sub.stale() // the broker still has it
			return
		}
	}
	if out.Reply == nil || d.ReplyTo == "" {
		sub.finished(tag)
		return
	}
	answer := reply{to: d.ReplyTo, correlation: d.correlation(), body: out.Reply, sub: sub, tag: tag}
	if !sub.pool.replier.send(answer) {
		sub.stale()
	}
}

// putAside stores a message for a retry or in quarantine. It clears the reply of one that
// gets another attempt, since that attempt will answer. It reports false when the delivery
// must stay with the broker.
func (sub *subscription) putAside(d *Delivery, out *outcome) bool {
	now := time.Now()
	ctx, cancel := sub.untilLost()
	defer cancel()
	if out.Verdict == Retry {
		if step, possible := sub.pool.retryPossible(d); possible {
			return sub.tryLater(ctx, d, out, step, now)
		}
		if out.Code == "" {
			out.Code = CodeExhausted
		}
	}
	if sub.pool.quarantine(ctx, d, out, now) != nil {
		return false
	}
	sub.stats().quarantined.Add(1)
	return true
}

// tryLater stores a message for a retry, unless its caller will have gone by then: the
// reply, if there is one, then says what went wrong.
func (sub *subscription) tryLater(ctx context.Context, d *Delivery, out *outcome, step int, now time.Time) bool {
	if callerGone(d, now.Add(sub.pool.cfg.Topology.RetryDelays[step])) {
		sub.stats().expired.Add(1)
		return true
	}
	if sub.pool.retry(ctx, d, step, now) != nil {
		return false
	}
	out.Reply = nil
	sub.stats().retried.Add(1)
	return true
}

// untilLost returns a context that ends when the delivery's session does.
func (sub *subscription) untilLost() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(sub.ctx)
	go func() {
		select {
		case <-sub.lost:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
