package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Queue types, as RabbitMQ names them in x-queue-type.
const (
	Classic = "classic"
	Quorum  = "quorum"
)

// Queue is one work queue. Its retry queues and its dead-letter queue follow from Name.
type Queue struct {
	Name string
	// Keys are bound as KEY.# each, so that "rec.read" takes "rec.read.example".
	Keys []string
	// Former are keys that the queue was bound to in another configuration: KEY.# is unbound.
	Former []string
	// Direct are whole routing keys that are bound on the direct exchange, and FormerDirect
	// those that are unbound there.
	Direct, FormerDirect []string
	// Type is Classic (also when empty) or Quorum.
	Type string
	// NoRetry leaves out the retry queues, for queues whose consumers never ask for them.
	NoRetry bool
}

// Topology is what a node declares before it consumes. Declaring it twice changes nothing.
type Topology struct {
	Exchange string // topic, durable: beds.events
	DLX      string // topic, durable: beds.dlx; dead letters carry their queue's name as key
	Queues   []Queue
	// RetryDelays are the pauses before the 2nd, 3rd … attempt; further attempts wait for
	// the last one. Each has a delay queue of its own, see [RetryQueue].
	RetryDelays []time.Duration
}

// RetryQueue returns the name of a queue's delay queue for one step of the delays: NAME.retry
// for step 0, then NAME.retry.1 and so on.
//
// One queue for all delays would not do: RabbitMQ expires messages only at the head, so one
// that waits a minute would hold up those behind it that wait a second. Within one queue all
// wait equally long and the head is always the next to go. The delay is not an argument of
// the queue but the expiration of the message, so that changing a delay in the configuration
// never meets PRECONDITION_FAILED.
func RetryQueue(queue string, step int) string {
	if step == 0 {
		return queue + ".retry"
	}
	return queue + ".retry." + strconv.Itoa(step)
}

// DeadLetterQueue returns the name of a queue's dead-letter queue.
func DeadLetterQueue(queue string) string { return queue + ".dlq" }

// TopologyError says which object the broker would not declare or bind, and what to do.
type TopologyError struct {
	Kind string // "queue", "exchange" or "binding"
	Name string
	Cure string
	Err  error // the broker's words
}

func (e *TopologyError) Error() string {
	return fmt.Sprintf("RabbitMQ refused %s %q: %v; %s", e.Kind, e.Name, e.Err, e.Cure)
}

func (e *TopologyError) Unwrap() error { return e.Err }

// DirectExchange is the name of the direct exchange beside a topic exchange. It takes the
// same routing keys and leads to the same queues; to match a key there costs the broker one
// look instead of one for each word and wildcard (docs/benchmarks.md, T0-topology). Clients
// use it where it is, and the topic exchange for whatever is not bound on it.
func DirectExchange(topic string) string { return topic + ".direct" }

// Validate finds mistakes that the broker would report only one by one.
func (t Topology) Validate() error {
	var errs []error
	if t.Exchange == "" {
		errs = append(errs, errors.New("session: the topology has no exchange"))
	}
	if t.DLX == "" {
		errs = append(errs, errors.New("session: the topology has no dead-letter exchange"))
	}
	for _, q := range t.Queues {
		// 200 leaves room for the suffixes within AMQP's 255 bytes.
		if q.Name == "" || len(q.Name) > 200 {
			errs = append(errs, fmt.Errorf("session: queue name %q must have 1 to 200 bytes", q.Name))
		}
		switch q.Type {
		case "", Classic, Quorum:
		default:
			errs = append(errs, fmt.Errorf("session: queue %q has type %q; it must be %q or %q", q.Name, q.Type, Classic, Quorum))
		}
	}
	for _, d := range t.RetryDelays {
		if d < time.Millisecond {
			errs = append(errs, fmt.Errorf("session: retry delay %v is below 1ms", d))
		}
	}
	return errors.Join(errs...)
}

// Declare declares t on the live session of c. All objects that the broker refuses are
// reported, each as a [TopologyError].
func Declare(ctx context.Context, c *Conn, t Topology) error {
	s, err := c.Session(ctx)
	if err != nil {
		return err
	}
	return s.Declare(t)
}

// Declare declares t on this session, see the function of the same name.
func (s *Session) Declare(t Topology) error {
	if err := t.Validate(); err != nil {
		return err
	}
	d := &declarer{session: s}
	defer d.close()
	d.exchange(t.Exchange, amqp.ExchangeTopic)
	d.exchange(t.DLX, amqp.ExchangeTopic)
	for _, q := range t.Queues {
		d.workQueue(t, q)
	}
	return errors.Join(d.errs...)
}

// DeclareDirect declares the direct exchange with its bindings, one for each template and
// kind of queue: many, and needed by nobody, so it is not a part of Declare.
func (s *Session) DeclareDirect(t Topology) error {
	d := &declarer{session: s}
	defer d.close()
	direct := DirectExchange(t.Exchange)
	d.exchange(direct, amqp.ExchangeDirect)
	for _, q := range t.Queues {
		for _, key := range q.FormerDirect {
			d.unbind(q.Name, key, direct)
		}
		for _, key := range q.Direct {
			if len(d.errs) > 0 {
				return errors.Join(d.errs...) // what one refusal says goes for the others too
			}
			d.bind(q.Name, key, direct)
		}
	}
	return errors.Join(d.errs...)
}

// HasDirect says whether the direct exchange of a topic exchange is there.
func (s *Session) HasDirect(topic string) (bool, error) {
	ch, err := s.Channel()
	if err != nil {
		return false, err
	}
	defer func() { _ = ch.Close() }() // closed by the broker where there is none
	err = ch.ExchangeDeclarePassive(DirectExchange(topic), amqp.ExchangeDirect, true, false, false, false, nil)
	var reply *amqp.Error
	if errors.As(err, &reply) && reply.Code == amqp.NotFound {
		return false, nil
	}
	return err == nil, err
}

// declarer goes on after a refusal: the broker closes the channel then, so the next
// declaration gets a new one.
type declarer struct {
	session *Session
	ch      *amqp.Channel
	errs    []error
}

func (d *declarer) workQueue(t Topology, q Queue) {
	d.queue(q.Name, typeArgs(q.Type))
	for _, key := range q.Keys {
		d.bind(q.Name, key+".#", t.Exchange)
	}
	for _, key := range q.Former {
		d.unbind(q.Name, key+".#", t.Exchange)
	}
	if !q.NoRetry {
		for step := range t.RetryDelays {
			d.queue(RetryQueue(q.Name, step), retryArgs(q))
		}
	}
	dlq := DeadLetterQueue(q.Name)
	d.queue(dlq, typeArgs(q.Type))
	d.bind(dlq, q.Name, t.DLX)
}

// typeArgs holds only what cannot be a policy. A classic queue gets no argument at all:
// "x-queue-type: classic" and none differ for brokers older than the default-queue-type setting.
func typeArgs(kind string) amqp.Table {
	if kind == Quorum {
		return amqp.Table{amqp.QueueTypeArg: Quorum}
	}
	return nil
}

// retryArgs sends expired messages back to the work queue and to no other: by way of the
// topic exchange a copy would reach every queue that is bound to the key. These arguments
// make the queue what it is, so they are not left to a policy that somebody may forget.
func retryArgs(q Queue) amqp.Table {
	args := amqp.Table{
		"x-dead-letter-exchange":    "",
		"x-dead-letter-routing-key": q.Name,
	}
	if q.Type == Quorum {
		args[amqp.QueueTypeArg] = Quorum
		// Quorum queues dead-letter at most once unless told otherwise (RabbitMQ 3.10 on).
		args["x-dead-letter-strategy"] = "at-least-once"
		args["x-overflow"] = "reject-publish"
	}
	return args
}

func (d *declarer) exchange(name, kind string) {
	d.do("exchange", name, "delete it when nothing uses it, or choose another name in the configuration",
		func(ch *amqp.Channel) error {
			return ch.ExchangeDeclare(name, kind, true, false, false, false, nil)
		})
}

func (d *declarer) queue(name string, args amqp.Table) {
	d.do("queue", name, "drain it and delete it (rabbitmqctl delete_queue --if-empty), or configure the type that it has",
		func(ch *amqp.Channel) error {
			_, err := ch.QueueDeclare(name, true, false, false, false, args)
			return err
		})
}

func (d *declarer) bind(queue, key, exchange string) {
	d.do("binding", exchange+" -> "+queue, "see why the queue or the exchange is missing",
		func(ch *amqp.Channel) error { return ch.QueueBind(queue, key, exchange, false, nil) })
}

func (d *declarer) unbind(queue, key, exchange string) {
	d.do("binding", exchange+" -> "+queue, "remove it, or messages reach two queues",
		func(ch *amqp.Channel) error { return ch.QueueUnbind(queue, key, exchange, nil) })
}

// do runs one declaration on an open channel and files its error.
func (d *declarer) do(kind, name, cure string, declare func(*amqp.Channel) error) {
	if d.session.Err() != nil && len(d.errs) > 0 {
		return // one error of a dead session is enough
	}
	if d.ch == nil || d.ch.IsClosed() {
		ch, err := d.session.Channel()
		if err != nil {
			d.errs = append(d.errs, fmt.Errorf("opening a channel to declare %s %q: %w", kind, name, err))
			return
		}
		d.ch = ch
	}
	if err := declare(d.ch); err != nil {
		d.errs = append(d.errs, refusal(kind, name, cure, err))
	}
}

// refusal turns the broker's code into advice.
func refusal(kind, name, cure string, err error) error {
	var reply *amqp.Error
	if !errors.As(err, &reply) || !reply.Server {
		return fmt.Errorf("declaring %s %q: %w", kind, name, err)
	}
	switch reply.Code {
	case amqp.PreconditionFailed:
		cure = "it exists with other properties: " + cure
	case amqp.AccessRefused:
		cure = "grant the user configure, write and read on it (rabbitmqctl set_permissions)"
	case amqp.ResourceLocked:
		cure = "another connection holds it exclusively: stop that client"
	}
	return &TopologyError{Kind: kind, Name: name, Cure: cure, Err: reply}
}

func (d *declarer) close() {
	if d.ch != nil {
		_ = d.ch.Close() // nothing depends on it any more
	}
}
