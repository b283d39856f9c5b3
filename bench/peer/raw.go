package peer

import (
	"context"

	amqp "github.com/rabbitmq/amqp091-go"
)

// naive is what tutorials show, with a sensible prefetch.
func naive(ctx context.Context, o Options, h Handler) error { return workers(ctx, o, h, false) }

// ownWorkers is the same over our connection.
func ownWorkers(ctx context.Context, o Options, h Handler) error { return workers(ctx, o, h, true) }

// workers runs a goroutine for each delivery, which answers and acknowledges it.
func workers(ctx context.Context, o Options, h Handler, coalescing bool) error {
	return consume(ctx, o, coalescing, func(kind string, ch *amqp.Channel, in <-chan amqp.Delivery) {
		for m := range in {
			go func() {
				_ = answer(ctx, ch, &m, h(ctx, kind, m.Body)) // a lost connection ends the peer
				_ = m.Ack(false)
			}()
		}
	})
}

// ackEvery is how many requests ownLoop acknowledges at once.
const ackEvery = 32

// ownLoop does all in one goroutine and acknowledges many requests with one frame.
func ownLoop(ctx context.Context, o Options, h Handler) error {
	return consume(ctx, o, true, func(kind string, ch *amqp.Channel, in <-chan amqp.Delivery) {
		var last uint64
		waiting := 0
		ack := func() {
			if waiting > 0 {
				_ = ch.Ack(last, true)
				waiting = 0
			}
		}
		for {
			var m amqp.Delivery
			var ok bool
			select {
			case m, ok = <-in:
			default:
				ack() // nothing else to do
				m, ok = <-in
			}
			if !ok {
				return
			}
			_ = answer(ctx, ch, &m, h(ctx, kind, m.Body))
			last = m.DeliveryTag
			if waiting++; waiting == ackEvery {
				ack()
			}
		}
	})
}

func answer(ctx context.Context, ch *amqp.Channel, m *amqp.Delivery, body []byte) error {
	return ch.PublishWithContext(ctx, "", m.ReplyTo, false, false, amqp.Publishing{
		ContentType: "application/json", CorrelationId: m.CorrelationId, Body: body})
}

// consume runs work on a channel for each queue until ctx ends or the connection is lost.
func consume(ctx context.Context, o Options, coalescing bool, work func(kind string, ch *amqp.Channel, in <-chan amqp.Delivery)) error {
	conn, err := dial(o, coalescing)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := declare(conn, o); err != nil {
		return err
	}
	closed := conn.NotifyClose(make(chan *amqp.Error, 1))
	for _, kind := range kinds {
		ch, err := conn.Channel()
		if err != nil {
			return err
		}
		if err := ch.Qos(prefetch, 0, false); err != nil {
			return err
		}
		in, err := ch.Consume(Queue(o.Name, kind), "", false, false, false, false, nil)
		if err != nil {
			return err
		}
		go work(kind, ch, in)
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-closed:
		return err
	}
}
