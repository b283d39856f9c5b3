package pool

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// confirmWait bounds one wait for a confirmation; after it the message is published again
// with the same message id.
const confirmWait = 15 * time.Second

// retryPossible says whether d may be tried again, and after which pause (a step of the
// delays).
func (p *Pool) retryPossible(d *Delivery) (step int, ok bool) {
	delays := p.cfg.Topology.RetryDelays
	if len(delays) == 0 || d.Attempt >= p.cfg.MaxAttempts {
		return 0, false
	}
	return min(d.Attempt-1, len(delays)-1), true
}

// callerGone says whether nobody waits for d any more at a time.
func callerGone(d *Delivery, at time.Time) bool {
	return !d.Deadline.IsZero() && !at.Before(d.Deadline)
}

// retry stores d in the delay queue of a step. The message then waits there and comes back
// to its own queue; it does not hold a prefetch slot meanwhile.
func (p *Pool) retry(ctx context.Context, d *Delivery, step int, now time.Time) error {
	delay := p.cfg.Topology.RetryDelays[step]
	return p.store(ctx, "", session.RetryQueue(d.Queue, step), func(user string) amqp.Publishing {
		msg := d.publishing(d.carry(now, p.cfg.NodeID), user)
		msg.Expiration = milliseconds(delay)
		return msg
	})
}

// quarantine stores d in the dead-letter queue with all that is known about why.
func (p *Pool) quarantine(ctx context.Context, d *Delivery, out *outcome, now time.Time) error {
	return p.store(ctx, p.cfg.Topology.DLX, d.Queue, func(user string) amqp.Publishing {
		h := d.carry(now, p.cfg.NodeID)
		setText(h, HeaderCode, out.Code)
		setText(h, HeaderReason, out.Reason)
		setText(h, HeaderTemplate, out.Template)
		setText(h, HeaderStack, out.stack)
		if d.Size > len(d.Body) {
			h[HeaderBodySize] = int64(d.Size)
		}
		return d.publishing(h, user)
	})
}

// store publishes with confirmation until the broker has the message. It gives up only when
// ctx ends (the delivery's session is lost, or the pool is torn down); the broker then still
// has the original.
func (p *Pool) store(ctx context.Context, exchange, key string, make func(user string) amqp.Publishing) error {
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: 5 * time.Second}
	for {
		err := p.storeOnce(ctx, exchange, key, make)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil, errors.Is(err, session.ErrClosed), errors.Is(err, session.ErrUnsendable):
			return err
		}
		p.log.Warn("a message could not be put aside, trying again", "exchange", exchange, "key", key, "error", err)
		if errors.Is(err, session.ErrUnroutable) {
			p.redeclare(ctx) // somebody deleted the queue
		}
		if pause.Wait(ctx) != nil {
			return err
		}
	}
}

func (p *Pool) storeOnce(ctx context.Context, exchange, key string, make func(user string) amqp.Publishing) error {
	ctx, cancel := context.WithTimeout(ctx, confirmWait)
	defer cancel()
	s, err := p.publish.Session(ctx)
	if err != nil {
		return err
	}
	msg := session.Message{Exchange: exchange, Key: key, Mandatory: true, Publishing: make(s.User())}
	return p.confirmed.Publish(ctx, msg)
}

func setText(h amqp.Table, key, text string) {
	if text != "" {
		h[key] = clip(text)
	}
}
