package pool

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Delivery is one message as a handler sees it.
type Delivery struct {
	Body []byte // nil when the message was larger than MaxBody
	Size int    // bytes of the body as received

	Operation     string // AMQP type
	MessageID     string
	CorrelationID string
	ReplyTo       string
	UserID        string // as validated by the broker; kept across retries
	ContentType   string
	RoutingKey    string // the original one, also after a retry
	Queue         string

	Expiration time.Duration  // as the sender set it; 0: none
	Deadline   time.Time      // when the caller stops waiting; zero: never
	Headers    map[string]any // without our own x-beds-… headers; nil when there are none

	Redelivered bool      // a session was lost while somebody had the message
	Attempt     int       // 1 on the first one
	First       time.Time // when a node first saw the message
}

// Verdict is what becomes of a message.
type Verdict int

// The verdicts. The zero value acknowledges.
const (
	Ack        Verdict = iota // it is done with
	Retry                     // deliver it again later; after MaxAttempts, Quarantine
	Quarantine                // keep it in the dead-letter queue for a person to look at
)

// String returns the verdict's name in lower case.
func (v Verdict) String() string {
	switch v {
	case Ack:
		return "ack"
	case Retry:
		return "retry"
	case Quarantine:
		return "quarantine"
	}
	return fmt.Sprintf("verdict(%d)", int(v))
}

// Result is a handler's answer. A reply is sent with every verdict except a Retry that does
// get another attempt. Code, Reason and Template go into the headers of a dead letter: they
// must not contain secrets.
type Result struct {
	Reply    []byte // nil: none
	Verdict  Verdict
	Code     string
	Reason   string
	Template string
}

// Handler processes one delivery. ctx ends when the pool is torn down, not when a drain
// begins; the delivery's Deadline, together with bounds of its own, is the handler's to keep.
// A panic, or runtime.Goexit, is contained: the message is quarantined with code "panic".
type Handler func(ctx context.Context, d *Delivery) Result

// Broker is one kind of consumer.
type Broker struct {
	Name      string   // rBroker
	Queues    []string // each is consumed by Instances consumers
	Instances int      // per queue; 0 is allowed and can be scaled up later
	Prefetch  int      // deliveries in hand per instance, and handlers running at a time
	Handler   Handler
}

// maxPrefetch is what AMQP's 16 bits hold.
const maxPrefetch = 1<<16 - 1

// maxInstances keeps a slip in the configuration from opening a million channels.
const maxInstances = 1024

func (b Broker) validate() error {
	var errs []error
	complain := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("pool: broker %q: "+format, append([]any{b.Name}, args...)...))
	}
	if b.Name == "" {
		complain("has no name")
	}
	if len(b.Queues) == 0 {
		complain("has no queue")
	}
	for i, q := range b.Queues {
		for _, other := range b.Queues[:i] {
			if q == other {
				complain("names queue %q twice", q)
			}
		}
	}
	if b.Instances < 0 || b.Instances > maxInstances {
		complain("has %d instances; allowed are 0 to %d", b.Instances, maxInstances)
	}
	if b.Prefetch == 0 {
		complain("has prefetch 0, which in AMQP means unlimited memory (amqp091-go#179); choose 1 to %d", maxPrefetch)
	} else if b.Prefetch < 0 || b.Prefetch > maxPrefetch {
		complain("has prefetch %d; allowed are 1 to %d", b.Prefetch, maxPrefetch)
	}
	if b.Handler == nil {
		complain("has no handler")
	}
	return errors.Join(errs...)
}
