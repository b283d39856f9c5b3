package stack

import (
	"fmt"
	"slices"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// The queues of a development node that the suite looks after.
var workQueues = []string{"dev_rec.read", "dev_rec.write", "dev_rec.obj", "dev_rel.read", "dev_rel.write", "dev_rel.obj"}

// A DeadLetter is one message that the product gave up.
type DeadLetter struct {
	Queue, MessageID, Correlation, Code, Reason string
	Attempts                                    int64
	Headers                                     string // all of them, for a search
}

// Broker is a direct way into RabbitMQ.
type Broker struct{ URL string }

// With runs work on a channel of its own.
func (b Broker) With(work func(*amqp.Channel) error) error {
	conn, err := amqp.DialConfig(b.URL, amqp.Config{Heartbeat: 10 * time.Second, Properties: amqp.Table{"connection_name": "faults admin"}})
	if err != nil {
		return err
	}
	defer conn.CloseDeadline(time.Now().Add(2 * time.Second)) //nolint:errcheck // what it was for is done
	ch, err := conn.Channel()
	if err != nil {
		return err
	}
	return work(ch)
}

// Collect takes all dead letters out of their queues.
func (b Broker) Collect() (letters []DeadLetter, err error) {
	err = b.With(func(ch *amqp.Channel) error {
		for _, q := range workQueues {
			for {
				m, ok, err := ch.Get(q+".dlq", true)
				if err != nil {
					return err
				}
				if !ok {
					break
				}
				letters = append(letters, letter(q, &m))
			}
		}
		return nil
	})
	return letters, err
}

func letter(queue string, m *amqp.Delivery) DeadLetter {
	text := func(key string) string { s, _ := m.Headers[key].(string); return s }
	attempts, _ := m.Headers["x-beds-attempts"].(int64)
	return DeadLetter{Queue: queue, MessageID: m.MessageId, Correlation: m.CorrelationId,
		Code: text("x-beds-code"), Reason: text("x-beds-reason"), Attempts: attempts,
		Headers: fmt.Sprint(m.Headers)}
}

// WaitEmpty waits until no message is left in the work queues and their retry queues.
func (b Broker) WaitEmpty(limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		left, err := b.waiting()
		if err == nil && len(left) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			if err != nil {
				return err
			}
			return fmt.Errorf("messages are left in %v", left)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// Purge empties the work queues and their retry queues.
func (b Broker) Purge() error {
	return b.With(func(ch *amqp.Channel) error {
		for _, q := range workQueues {
			for _, name := range []string{q, q + ".retry", q + ".retry.1"} {
				if _, err := ch.QueuePurge(name, false); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// waiting names the queues that hold messages.
func (b Broker) waiting() (names []string, err error) {
	queues := slices.Clone(workQueues)
	for _, q := range workQueues {
		queues = append(queues, q+".retry", q+".retry.1") // the suite configures two delays
	}
	err = b.With(func(ch *amqp.Channel) error {
		for _, name := range queues {
			q, err := ch.QueueDeclarePassive(name, true, false, false, false, nil)
			if err != nil {
				return fmt.Errorf("queue %s: %w", name, err)
			}
			if q.Messages > 0 {
				names = append(names, fmt.Sprintf("%s (%d)", name, q.Messages))
			}
		}
		return nil
	})
	return names, err
}

// Version is what the broker says of itself.
func (b Broker) Version() string {
	conn, err := amqp.Dial(b.URL)
	if err != nil {
		return "?"
	}
	defer conn.Close() //nolint:errcheck // only asked for its name
	v, _ := conn.Properties["version"].(string)
	return v
}
