package pool

import (
	"sync/atomic"

	"github.com/beds-project/beds/runtime/session"
)

// QueueStats counts what one broker did on one queue since New.
type QueueStats struct {
	Broker, Queue string

	Wanted     int  // consumers that should be there
	Subscribed int  // consumers that are
	Paused     bool // deliberately not consuming
	InFlight   int  // deliveries taken and not yet acknowledged or given back

	Delivered   uint64 // taken from the queue
	Redelivered uint64 // of these, marked redelivered by the broker
	Done        uint64 // finished and handed to the acknowledger
	Replied     uint64 // replies handed to the publishing connection
	Retried     uint64 // sent through a retry queue
	Quarantined uint64 // sent to the dead-letter queue
	Panics      uint64 // handlers that crashed
	Expired     uint64 // not run, or not retried, because the caller has gone
	TooLarge    uint64 // bodies over MaxBody
	BadReplyTo  uint64 // reply addresses refused
	Stale       uint64 // results dropped because their session was lost
}

// Stats is a snapshot of the pool.
type Stats struct {
	Queues  []QueueStats // in the order of the brokers and their queues
	Consume session.Stats
	Publish session.Stats
}

// counters are the live form of QueueStats.
type counters struct {
	subscribed, inFlight                  atomic.Int64
	delivered, redelivered, done, replied atomic.Uint64
	retried, quarantined, panics, expired atomic.Uint64
	tooLarge, badReplyTo, stale           atomic.Uint64
}

func (c *counters) snapshot(broker, queue string, wanted int, paused bool) QueueStats {
	return QueueStats{
		Broker: broker, Queue: queue, Wanted: wanted, Paused: paused,
		Subscribed: int(c.subscribed.Load()), InFlight: int(c.inFlight.Load()),
		Delivered: c.delivered.Load(), Redelivered: c.redelivered.Load(), Done: c.done.Load(),
		Replied: c.replied.Load(), Retried: c.retried.Load(), Quarantined: c.quarantined.Load(),
		Panics: c.panics.Load(), Expired: c.expired.Load(), TooLarge: c.tooLarge.Load(),
		BadReplyTo: c.badReplyTo.Load(), Stale: c.stale.Load(),
	}
}
