package suite

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/devstack/faults/stack"
)

// operators are what the people who run RabbitMQ do to it, by mistake or in an emergency.
func operators() []Fault {
	return []Fault{
		{Name: "closed-all", Doc: "all connections, the clients' too, are closed again and again", Run: closeAll},
		{Name: "vhost-restarted", Doc: "the virtual host is restarted (restart_vhost)", Hold: time.Second, Begin: ctl("restart_vhost", "-p", vhost), End: nothing},
		{Name: "app-restarted", Doc: "RabbitMQ is stopped and started within its process (stop_app, start_app)", Hold: time.Second, Begin: ctl("stop_app"), End: ctl("start_app")},
		{Name: "password-rabbitmq", Doc: "the node's password in RabbitMQ is changed, its connections closed, the password changed back", Hold: 3 * time.Second,
			Begin: both(ctl("change_password", nodeUser, "another"), ctl("close_all_user_connections", nodeUser, "faults")),
			End:   ctl("change_password", nodeUser, nodePassword)},
		{Name: "no-channels", Doc: "the node's user may open a single channel, then no connection at all; its connections are closed", Run: limitUser},
		{Name: "deaf", Doc: "RabbitMQ closes the node's connections and takes no new ones (rabbit_maintenance)", Hold: 3 * time.Second,
			Begin: both(ctl("eval", "rabbit_maintenance:suspend_all_client_listeners()."), ctl("close_all_user_connections", nodeUser, "faults")), End: ctl("eval", "rabbit_maintenance:resume_all_client_listeners().")},
		{Name: "vhost-deleted", Doc: "the virtual host is deleted with all that is in it and made anew, empty", Run: deleteVhost},
		{Name: "queue-altered", Doc: "a write queue is deleted and made anew with other arguments than the node declares", Hold: 4 * time.Second,
			Begin: alterQueue(amqp.Table{"x-max-length": int32(10_000), "x-message-ttl": int32(60_000)}), End: deleteQueues},
		{Name: "queue-quorum", Doc: "a write queue is deleted and made anew as a quorum queue, which the node was not told", Hold: 4 * time.Second,
			Begin: alterQueue(amqp.Table{"x-queue-type": "quorum"}), End: deleteQueues},
		{Name: "exchange-altered", Doc: "the exchange of all requests is deleted and made anew with another type", Hold: 3 * time.Second,
			Begin: alterExchange, End: deleteExchanges},
		{Name: "unbound", Doc: "the queues' bindings are removed: requests come back to the clients as unroutable", Hold: time.Second, Begin: unbind, End: nothing},
		{Name: "purged", Doc: "all work and retry queues are purged, again and again", Run: purge},
		{Name: "policy-length", Doc: "a policy of three messages that drops the oldest", Hold: 3 * time.Second,
			Begin: policy(`{"max-length":3,"overflow":"drop-head"}`), End: ctl("clear_policy", "-p", vhost, "faults")},
		{Name: "policy-ttl", Doc: "a policy by which messages live for 5 ms and then go to the dead-letter exchange", Hold: 3 * time.Second,
			Begin: policy(`{"message-ttl":5,"dead-letter-exchange":"beds.dlx"}`), End: ctl("clear_policy", "-p", vhost, "faults")},
		{Name: "policy-expires", Doc: "a policy by which retry and dead-letter queues vanish after 300 ms without use", Hold: 3 * time.Second,
			Begin: ctl("set_policy", "-p", vhost, "--apply-to", "queues", "faults", "^dev_(rec|rel)\\..*\\.(retry|dlq)", `{"expires":300}`),
			End:   both(ctl("clear_policy", "-p", vhost, "faults"), waitQueues)},
		{Name: "thief", Doc: "somebody consumes from the work queues beside the node, keeps what he gets and goes away", Run: steal},
		{Name: "flapping-rabbitmq", Doc: "RabbitMQ stands still for 400 ms, runs for 400 ms, again and again", Run: flap(stack.RabbitMQ)},
	}
}

func both(first, then func(context.Context, *Env) error) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		if err := first(ctx, e); err != nil {
			return err
		}
		return then(ctx, e)
	}
}

func closeAll(ctx context.Context, e *Env) error {
	for range 4 {
		if err := e.Servers.Ctl(ctx, "close_all_connections", "-p", vhost, "faults"); err != nil {
			return err
		}
		sleep(ctx, 200*time.Millisecond)
	}
	return ctx.Err()
}

// limitUser lets the node have too little to work with.
func limitUser(ctx context.Context, e *Env) error {
	closed := ctl("close_all_user_connections", nodeUser, "faults")
	for _, limit := range []string{`{"max-channels":1}`, `{"max-connections":0}`} {
		f := Fault{Hold: 2 * time.Second, Begin: both(ctl("set_user_limits", nodeUser, limit), closed), End: ctl("clear_user_limits", nodeUser, "all")}
		if err := f.perform(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// alterQueue leaves a queue that the node's declaration does not match.
func alterQueue(args amqp.Table) func(context.Context, *Env) error {
	return func(_ context.Context, e *Env) (err error) {
		const name = "dev_rel.write"
		for range 20 { // the node may bring its own back in between
			if err = e.Broker.With(func(ch *amqp.Channel) error {
				if _, err := ch.QueueDelete(name, false, false, false); err != nil {
					return err
				}
				if _, err := ch.QueueDeclare(name, true, false, false, false, args); err != nil {
					return err
				}
				return ch.QueueBind(name, "rel.write.#", "beds.events", false, nil)
			}); err == nil {
				return nil
			}
		}
		return fmt.Errorf("the node always declares %s first: %w", name, err)
	}
}

// deleteVhost leaves a new virtual host. Whoever had rights gets them again.
func deleteVhost(ctx context.Context, e *Env) error {
	admin, err := url.Parse(e.AMQP)
	if err != nil {
		return err
	}
	f := Fault{Hold: 2 * time.Second, Begin: ctl("delete_vhost", vhost), End: func(ctx context.Context, e *Env) error {
		errs := []error{e.Servers.Ctl(ctx, "add_vhost", vhost)}
		for _, user := range []string{admin.User.Username(), nodeUser} {
			errs = append(errs, e.Servers.Ctl(ctx, "set_permissions", "-p", vhost, user, ".*", ".*", ".*"))
		}
		return errors.Join(errs...)
	}}
	return f.perform(ctx, e)
}

func alterExchange(_ context.Context, e *Env) error {
	return e.Broker.With(func(ch *amqp.Channel) error {
		if err := ch.ExchangeDelete("beds.events", false, false); err != nil {
			return err
		}
		return ch.ExchangeDeclare("beds.events", amqp.ExchangeDirect, true, false, false, false, nil)
	})
}

func unbind(_ context.Context, e *Env) error {
	return e.Broker.With(func(ch *amqp.Channel) error {
		var errs []error
		for _, key := range []string{"rec.read", "rec.write", "rel.read", "rel.write"} {
			errs = append(errs, ch.QueueUnbind("dev_"+key, key+".#", "beds.events", nil))
		}
		return errors.Join(errs...)
	})
}

func purge(ctx context.Context, e *Env) error {
	for range 10 {
		if err := e.Broker.Purge(); err != nil {
			return err
		}
		sleep(ctx, 200*time.Millisecond)
	}
	return ctx.Err()
}

// waitQueues gives the node the time to declare what is missing: it looks every 5 s.
func waitQueues(ctx context.Context, e *Env) error {
	return e.Broker.WaitEmpty(15 * time.Second)
}

func policy(definition string) func(context.Context, *Env) error {
	return ctl("set_policy", "-p", vhost, "--apply-to", "queues", "faults", "^dev_(rec|rel)\\.(read|write)$", definition)
}

// steal takes messages away and gives them back only by leaving.
func steal(ctx context.Context, e *Env) error {
	for range 3 {
		if err := e.Broker.With(func(ch *amqp.Channel) error {
			if err := ch.Qos(50, 0, false); err != nil {
				return err
			}
			for _, q := range []string{"dev_rec.write", "dev_rel.write"} {
				if _, err := ch.Consume(q, "", false, false, false, false, nil); err != nil {
					return err
				}
			}
			sleep(ctx, time.Second)
			return nil
		}); err != nil {
			return err
		}
		sleep(ctx, 500*time.Millisecond)
	}
	return ctx.Err()
}

func flap(server string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		const beat = 400 * time.Millisecond
		f := Fault{Hold: beat, Begin: servers("pause", server), End: servers("resume", server)}
		for range 6 {
			if err := f.perform(ctx, e); err != nil {
				return err
			}
			sleep(ctx, beat)
		}
		return nil
	}
}
