package suite

import (
	"context"
	"errors"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

func brokers() []Fault {
	return []Fault{
		{Name: "alarm-memory", Doc: "memory alarm of RabbitMQ: it stops reading who publishes", Hold: 6 * time.Second,
			Begin: ctl("set_vm_memory_high_watermark", "0.0001"), End: ctl("set_vm_memory_high_watermark", "0.4")},
		{Name: "alarm-disk", Doc: "disk alarm of RabbitMQ", Hold: 6 * time.Second,
			Begin: ctl("set_disk_free_limit", "900000GB"), End: ctl("set_disk_free_limit", "50MB")},
		{Name: "queue-full", Doc: "work queues of one message that refuse more, while there is no node", Hold: 3 * time.Second,
			Begin: fillQueues, End: freeQueues},
		{Name: "queue-deleted", Doc: "the write queues are deleted with what is in them", Hold: time.Second,
			Begin: deleteQueues, End: nothing},
		{Name: "exchange-deleted", Doc: "both exchanges are deleted", Hold: time.Second, Begin: deleteExchanges, End: nothing},
		{Name: "revoked-rabbitmq", Doc: "the node's rights in RabbitMQ are taken away, its connections closed, the rights given back",
			Hold: 3 * time.Second, Begin: revokeBroker,
			End: ctl("set_permissions", "-p", vhost, nodeUser, ".*", ".*", ".*")},
		{Name: "closed-rabbitmq", Doc: "the operator closes all connections of the node", Hold: time.Second, Mixes: true,
			Begin: ctl("close_all_user_connections", nodeUser, "faults"), End: nothing},
	}
}

func nothing(context.Context, *Env) error { return nil }

func ctl(args ...string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error { return e.Servers.Ctl(ctx, args...) }
}

func fillQueues(ctx context.Context, e *Env) error {
	if err := e.Servers.Ctl(ctx, "set_policy", "-p", vhost, "--apply-to", "queues", "faults-full", "^dev_(rec|rel)\\.(read|write)$",
		`{"max-length":1,"overflow":"reject-publish"}`); err != nil {
		return err
	}
	return e.Node.Kill()
}

func freeQueues(ctx context.Context, e *Env) error {
	err := e.Node.Start(ctx)
	return errors.Join(err, e.Servers.Ctl(ctx, "clear_policy", "-p", vhost, "faults-full"))
}

func deleteQueues(_ context.Context, e *Env) error {
	return e.Broker.With(func(ch *amqp.Channel) error {
		for _, q := range []string{"dev_rec.write", "dev_rel.write"} {
			if _, err := ch.QueueDelete(q, false, false, false); err != nil {
				return err
			}
		}
		return nil
	})
}

func deleteExchanges(_ context.Context, e *Env) error {
	return e.Broker.With(func(ch *amqp.Channel) error {
		return errors.Join(ch.ExchangeDelete("beds.events", false, false), ch.ExchangeDelete("beds.dlx", false, false))
	})
}

func revokeBroker(ctx context.Context, e *Env) error {
	if err := e.Servers.Ctl(ctx, "clear_permissions", "-p", vhost, nodeUser); err != nil {
		return err
	}
	return e.Servers.Ctl(ctx, "close_all_user_connections", nodeUser, "faults")
}
