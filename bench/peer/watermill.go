package peer

import (
	"context"

	"github.com/ThreeDotsLabs/watermill"
	wamqp "github.com/ThreeDotsLabs/watermill-amqp/v3/pkg/amqp"
	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// watermillDefault takes what NewDurableQueueConfig gives: prefetch 1, a channel for each publish, persistent replies.
func watermillDefault(ctx context.Context, o Options, h Handler) error {
	return watermillServe(ctx, o, h, 1, func(*wamqp.Config) {})
}

// watermillBest uses the settings that its documentation offers for throughput. A subscription handles one message
// at a time, so there are many.
func watermillBest(ctx context.Context, o Options, h Handler) error {
	return watermillServe(ctx, o, h, 32, func(c *wamqp.Config) {
		c.Consume.Qos.PrefetchCount = 64
		c.Publish.ChannelPoolSize = 8
		c.Marshaler = rpcMarshaler{wamqp.DefaultMarshaler{NotPersistentDeliveryMode: true}}
	})
}

// The names under which rpcMarshaler keeps AMQP's own properties.
const replyTo, correlationID = "reply_to", "correlation_id"

// rpcMarshaler is the default one with reply_to and correlation_id, which it would lose.
type rpcMarshaler struct{ wamqp.DefaultMarshaler }

func (r rpcMarshaler) Unmarshal(m amqp.Delivery) (*message.Message, error) {
	m.Headers = amqp.Table{wamqp.DefaultMessageUUIDHeaderKey: m.MessageId} // the default one counts on it
	msg, err := r.DefaultMarshaler.Unmarshal(m)
	if err == nil {
		msg.Metadata.Set(replyTo, m.ReplyTo)
		msg.Metadata.Set(correlationID, m.CorrelationId)
	}
	return msg, err
}

func (r rpcMarshaler) Marshal(m *message.Message) (amqp.Publishing, error) {
	p, err := r.DefaultMarshaler.Marshal(m)
	p.CorrelationId = m.Metadata.Get(correlationID)
	return p, err
}

func watermillServe(ctx context.Context, o Options, h Handler, subscriptions int, tune func(*wamqp.Config)) error {
	conn, err := dial(o, false)
	if err != nil {
		return err
	}
	err = declare(conn, o)
	_ = conn.Close()
	if err != nil {
		return err
	}
	c := wamqp.NewDurableQueueConfig(o.URL)
	c.Marshaler = rpcMarshaler{wamqp.DefaultMarshaler{}}
	tune(&c)
	log := watermill.NopLogger{}
	publisher, err := wamqp.NewPublisher(c, log)
	if err != nil {
		return err
	}
	defer publisher.Close()
	subscriber, err := wamqp.NewSubscriber(c, log)
	if err != nil {
		return err
	}
	defer subscriber.Close()
	for _, kind := range kinds {
		for range subscriptions {
			in, err := subscriber.Subscribe(ctx, Queue(o.Name, kind))
			if err != nil {
				return err
			}
			go watermillWork(ctx, publisher, in, kind, h)
		}
	}
	<-ctx.Done()
	return nil
}

func watermillWork(ctx context.Context, publisher message.Publisher, in <-chan *message.Message, kind string, h Handler) {
	for m := range in {
		reply := message.NewMessage(watermill.NewShortUUID(), h(ctx, kind, m.Payload))
		reply.Metadata.Set(correlationID, m.Metadata.Get(correlationID))
		if publisher.Publish(m.Metadata.Get(replyTo), reply) != nil {
			m.Nack()
			continue
		}
		m.Ack()
	}
}
