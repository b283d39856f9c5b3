package pool

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

// cancelGrace is how long work in hand may go on after the broker cancelled a consumer, for
// a deleted queue or because a handler overran the broker's consumer timeout.
const cancelGrace = 5 * time.Second

// consumer keeps one subscription of one queue alive, across sessions, until it is stopped.
type consumer struct {
	pool  *Pool
	group *group
	stop  context.CancelFunc // asks for an orderly end
	ended chan struct{}
}

func (p *Pool) startConsumer(g *group) *consumer {
	c := &consumer{pool: p, group: g, ended: make(chan struct{})}
	var soft context.Context
	soft, c.stop = context.WithCancel(p.hard)
	go c.run(soft)
	return c
}

func (c *consumer) run(soft context.Context) {
	defer close(c.ended)
	defer c.stop()
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: 5 * time.Second}
	for soft.Err() == nil {
		s, err := c.pool.consume.Session(soft)
		if err != nil {
			return
		}
		began := time.Now()
		err = c.consume(soft, s)
		if soft.Err() != nil {
			return
		}
		if !ofChannel(err) || time.Since(began) > pause.Max {
			pause.Reset() // a lost connection has a backoff of its own
		}
		c.pool.log.Log(soft, severity(err), "a consumer was interrupted",
			"broker", c.group.broker.Name, "queue", c.group.queue, "error", err)
		if pause.Wait(soft) != nil {
			return
		}
	}
}

// consume subscribes on one session and works until the end of either; the error says why.
func (c *consumer) consume(soft context.Context, s *session.Session) error {
	c.pool.declareOnce(s)
	sub, err := c.subscribe(s)
	if err != nil {
		if notFound(err) {
			c.pool.redeclare(soft)
		}
		return err
	}
	c.group.stats.subscribed.Add(1)
	defer c.group.stats.subscribed.Add(-1)
	return sub.serve(soft)
}

// severity keeps a lost connection, which is logged once, from being logged again by every
// consumer on it.
func severity(err error) slog.Level {
	if ofChannel(err) {
		return slog.LevelWarn
	}
	return slog.LevelDebug
}

// ofChannel says whether err concerns one channel alone rather than the whole connection.
func ofChannel(err error) bool {
	var reply *amqp.Error
	return errors.Is(err, errCancelled) || errors.As(err, &reply) && reply.Server && reply.Recover
}

// errCancelled ends a subscription that the broker cancelled.
var errCancelled = errors.New("the broker cancelled the consumer")

func notFound(err error) bool {
	var reply *amqp.Error
	return errors.As(err, &reply) && reply.Code == amqp.NotFound
}

// subscription is a consumer on one channel. All tags, workers and results belong to it and
// die with it.
type subscription struct {
	*consumer
	ch         *amqp.Channel
	tag        string
	user       string // our account, see newDelivery
	deliveries <-chan amqp.Delivery
	closed     chan *amqp.Error
	cancelled  chan string
	acks       *acker

	ctx     context.Context // of the handlers
	lost    chan struct{}   // closed when results have become worthless
	workers sync.WaitGroup
	replies sync.WaitGroup // handed to the replier and not yet gone out
	crew    crew
}

// subscribe opens a channel with its prefetch limit and starts the consumer and a first worker.
func (c *consumer) subscribe(s *session.Session) (*subscription, error) {
	ch, err := s.Channel()
	if err != nil {
		return nil, err
	}
	b := c.group.broker
	sub := &subscription{
		consumer: c, ch: ch, tag: b.Name + "-" + c.pool.nextTag(), user: s.User(), ctx: c.pool.hard,
		closed:    ch.NotifyClose(make(chan *amqp.Error, 1)),
		cancelled: ch.NotifyCancel(make(chan string, 1)),
		acks:      newAcker(b.Prefetch), lost: make(chan struct{}),
	}
	err = ch.Qos(b.Prefetch, 0, false)
	if err == nil {
		sub.deliveries, err = ch.Consume(c.group.queue, sub.tag, false, false, false, false, nil)
	}
	if err != nil {
		_ = ch.Close() // often closed by the broker already
		return nil, err
	}
	sub.hire()
	return sub, nil
}

// serve owns the channel: it alone acknowledges, cancels and closes. It returns nil after
// an orderly stop with all results acknowledged, otherwise the reason.
func (sub *subscription) serve(soft context.Context) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	stop, idle := soft.Done(), make(chan struct{})
	go func() {
		sub.workers.Wait() // they end when the deliveries do
		sub.replies.Wait()
		close(idle)
	}()
	var why error
	for {
		select {
		case <-sub.acks.now:
			if err := sub.acks.flush(sub.ch); err != nil {
				return sub.lose(err)
			}
		case <-sub.acks.soon:
			timer.Reset(ackDelay)
		case <-timer.C:
			if err := sub.acks.flush(sub.ch); err != nil {
				return sub.lose(err)
			}
		case <-stop:
			stop = nil
			if err := sub.ch.Cancel(sub.tag, false); err != nil {
				return sub.lose(err)
			}
		case <-idle:
			return sub.finish(why)
		case reason, ok := <-sub.closed:
			if !ok || reason == nil {
				return sub.lose(session.ErrClosed)
			}
			return sub.lose(reason)
		case _, ok := <-sub.cancelled:
			if !ok {
				sub.cancelled = nil // closing; the reason comes on closed
				continue
			}
			why = errCancelled
			grace := time.AfterFunc(cancelGrace, func() { _ = sub.ch.Close() })
			defer grace.Stop()
		case <-sub.pool.hard.Done():
			return sub.lose(session.ErrClosed)
		}
	}
}

// finish acknowledges the last results and closes the channel; the broker answers the close
// only after it has taken the acknowledgements.
func (sub *subscription) finish(why error) error {
	if err := sub.acks.flush(sub.ch); err != nil {
		return sub.lose(err)
	}
	if err := sub.ch.Close(); err != nil {
		return sub.lose(err)
	}
	return why
}

// lose voids everything in hand: the broker delivers it again to somebody.
func (sub *subscription) lose(err error) error {
	close(sub.lost)
	_ = sub.ch.Close() // in case only the consumer was lost
	return err
}

func (sub *subscription) isLost() bool {
	select {
	case <-sub.lost:
		return true
	default:
		return false
	}
}

func (sub *subscription) stats() *counters { return &sub.group.stats }

// finished books a delivery as done, to be acknowledged with others.
func (sub *subscription) finished(tag uint64) {
	sub.stats().inFlight.Add(-1)
	if sub.isLost() {
		sub.stats().stale.Add(1)
		return
	}
	sub.stats().done.Add(1)
	sub.acks.mark(tag)
}

// stale books a delivery whose session was lost; nothing is sent for it any more.
func (sub *subscription) stale() {
	sub.stats().inFlight.Add(-1)
	sub.stats().stale.Add(1)
}
