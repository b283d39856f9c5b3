package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

type rabbitMQ struct{}

// with runs f on a channel of a fresh connection. Closing the connection is bounded by the same deadline.
func (rabbitMQ) with(ctx context.Context, address string, f func(*amqp.Channel) error) error {
	if _, err := amqp.ParseURI(address); err != nil {
		return errors.New("the address is not an AMQP URI such as amqp://user:password@127.0.0.1:5672/%2Fdev")
	}
	deadline, _ := ctx.Deadline()
	conn, err := amqp.DialConfig(address, amqp.Config{
		Heartbeat: 10 * time.Second,
		Dial: func(network, addr string) (net.Conn, error) {
			c, err := (&net.Dialer{Deadline: deadline}).Dial(network, addr)
			if err != nil {
				return nil, err
			}
			return c, c.SetDeadline(deadline)
		},
	})
	if err != nil {
		return fmt.Errorf("RabbitMQ does not answer: %w", err)
	}
	defer conn.CloseDeadline(deadline)
	ch, err := conn.Channel()
	if err != nil {
		return fmt.Errorf("RabbitMQ opens no channel: %w", err)
	}
	return f(ch)
}

func (r rabbitMQ) check(ctx context.Context, address string) error {
	return r.with(ctx, address, func(*amqp.Channel) error { return nil })
}

func queueOf(token string) string { return "beds.probe." + token }

func (r rabbitMQ) write(ctx context.Context, address, token string) error {
	return r.with(ctx, address, func(ch *amqp.Channel) error {
		if _, err := ch.QueueDeclare(queueOf(token), true, false, false, false, nil); err != nil {
			return err
		}
		if err := ch.Confirm(false); err != nil {
			return err
		}
		sent, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", queueOf(token), true, false,
			amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte(token)})
		if err != nil {
			return err
		}
		if ok, err := sent.WaitContext(ctx); err != nil || !ok {
			return fmt.Errorf("RabbitMQ did not confirm the mark: %v", err)
		}
		return nil
	})
}

func (r rabbitMQ) read(ctx context.Context, address, token string) error {
	return r.with(ctx, address, func(ch *amqp.Channel) error {
		m, ok, err := ch.Get(queueOf(token), false)
		if err != nil {
			return err
		}
		if !ok || string(m.Body) != token {
			return errors.New("RabbitMQ has lost the mark")
		}
		return m.Nack(false, true)
	})
}
