package peer

import (
	"context"

	rabbitmq "github.com/wagslane/go-rabbitmq"
)

// gorabbitDefault takes the defaults: one handler, prefetch 10. The queues are durable, as everybody's here.
func gorabbitDefault(ctx context.Context, o Options, h Handler) error {
	return gorabbitServe(ctx, o, h)
}

// gorabbitBest raises handlers and prefetch.
func gorabbitBest(ctx context.Context, o Options, h Handler) error {
	return gorabbitServe(ctx, o, h, rabbitmq.WithConsumerOptionsConcurrency(32), rabbitmq.WithConsumerOptionsQOSPrefetch(prefetch))
}

func gorabbitServe(ctx context.Context, o Options, h Handler, tuning ...func(*rabbitmq.ConsumerOptions)) error {
	conn, err := rabbitmq.NewConn(o.URL)
	if err != nil {
		return err
	}
	defer conn.Close()
	publisher, err := rabbitmq.NewPublisher(conn)
	if err != nil {
		return err
	}
	defer publisher.Close()
	failed := make(chan error, len(kinds))
	for _, kind := range kinds {
		consumer, err := rabbitmq.NewConsumer(conn, Queue(o.Name, kind), append([]func(*rabbitmq.ConsumerOptions){
			rabbitmq.WithConsumerOptionsQueueDurable,
			rabbitmq.WithConsumerOptionsExchangeName(o.Name),
			rabbitmq.WithConsumerOptionsExchangeKind("topic"),
			rabbitmq.WithConsumerOptionsExchangeDurable,
			rabbitmq.WithConsumerOptionsExchangeDeclare,
			rabbitmq.WithConsumerOptionsRoutingKey("rel." + kind + ".#"),
		}, tuning...)...)
		if err != nil {
			return err
		}
		defer consumer.Close()
		go func() { failed <- consumer.Run(gorabbitHandler(ctx, publisher, kind, h)) }()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return err
	}
}

func gorabbitHandler(ctx context.Context, publisher *rabbitmq.Publisher, kind string, h Handler) rabbitmq.Handler {
	return func(d rabbitmq.Delivery) rabbitmq.Action {
		err := publisher.PublishWithContext(ctx, h(ctx, kind, d.Body), []string{d.ReplyTo},
			rabbitmq.WithPublishOptionsContentType("application/json"), rabbitmq.WithPublishOptionsCorrelationID(d.CorrelationId))
		if err != nil {
			return rabbitmq.NackRequeue
		}
		return rabbitmq.Ack
	}
}
