package suite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/load"
)

func hostile() []Fault {
	return []Fault{
		{Name: "properties", Doc: "good and bad requests under hostile AMQP properties and headers, with and without a caller",
			Short: true, Run: hostileProperties, Dead: clientErrors},
		{Name: "gone-clients", Doc: "clients that ask and hang up before the answer", Run: goneClients},
		{Name: "backlog", Doc: "1,500 writes without a caller wait in the queue when the node comes back after kill -9", Run: backlog},
	}
}

// A disguise is what a message looks like from outside. The request within is what counts.
type disguise struct {
	name  string
	apply func(*amqp.Publishing)
}

const notUTF8 = "\xff\xfe\x00\xc3\x28"

// disguises may hide a good request, which is carried out all the same.
var disguises = []disguise{
	{"no properties at all", func(p *amqp.Publishing) {
		*p = amqp.Publishing{ReplyTo: p.ReplyTo, CorrelationId: p.CorrelationId, MessageId: p.MessageId, Body: p.Body}
	}},
	{"text that is not UTF-8", func(p *amqp.Publishing) {
		p.ContentType, p.ContentEncoding, p.AppId = notUTF8, notUTF8, strings.Repeat(notUTF8, 51)
		p.CorrelationId += notUTF8
	}},
	{"another content type", func(p *amqp.Publishing) { p.ContentType, p.ContentEncoding = "text/xml; charset=utf-7", "rot13" }},
	{"priority and a time far away", func(p *amqp.Publishing) { p.Priority, p.Timestamp = 255, time.Unix(1<<53, 0) }},
	{"many large headers", func(p *amqp.Publishing) { p.Headers = manyHeaders(110) }},
	{"headers up to the last byte of a frame", func(p *amqp.Publishing) { p.Headers = manyHeaders(124) }},
	{"headers of every kind, nested", func(p *amqp.Publishing) {
		inner := amqp.Table{"b": true, "i": int32(-1), "l": int64(1 << 62), "f": 1e308, "d": amqp.Decimal{Scale: 255, Value: -1}, "t": time.Unix(0, 0), "n": nil, "x": []byte{0, 255}}
		for range 20 {
			inner = amqp.Table{"t": inner, "a": []any{inner["b"], "text", int16(3)}}
		}
		p.Headers = inner
	}},
	{"forged headers of the broker", func(p *amqp.Publishing) {
		p.Headers = amqp.Table{"x-death": []any{amqp.Table{"queue": "dev_rel.write", "reason": "expired", "count": int64(1 << 40), "exchange": "", "routing-keys": []any{"a"}}},
			"x-first-death-queue": int32(7), "x-last-death-reason": notUTF8, "x-delivery-count": int64(-1)}
	}},
	{"forged headers of the node", func(p *amqp.Publishing) {
		p.Headers = amqp.Table{"x-beds-attempts": "many", "x-beds-user": "root", "x-beds-deadline": "2001-01-01T00:00:00Z", "x-beds-first": notUTF8,
			"x-beds-routing-key": "rel.read.order", "x-beds-queue": int64(3), "x-beds-code": []byte{0}}
	}},
	{"copies to other queues", func(p *amqp.Publishing) { p.Headers = amqp.Table{"CC": []any{bystander}} }},
}

// bystander is a queue that is none of the node's affair. The clients' exchange does not
// lead there, but the node's do, and nothing that the node publishes may arrive.
const bystander = "faults_bystander"

// watchBystander counts what arrives there until the returned function is called.
func (e *Env) watchBystander() (end func() error, err error) {
	if err := e.Broker.With(func(ch *amqp.Channel) error {
		if _, err := ch.QueueDeclare(bystander, true, false, false, false, nil); err != nil {
			return err
		}
		return ch.QueueBind(bystander, bystander, "beds.dlx", false, nil)
	}); err != nil {
		return nil, err
	}
	return func() error {
		return e.Broker.With(func(ch *amqp.Channel) error {
			n, err := ch.QueueDelete(bystander, false, false, false)
			if n > 0 {
				e.Found(check.Unexpected, bystander, "the node published %d messages where a client's CC header led", n)
			}
			return err
		})
	}, nil
}

func manyHeaders(kilobytes int) amqp.Table {
	t := amqp.Table{}
	for i := range kilobytes {
		t[fmt.Sprintf("h%03d%s", i, strings.Repeat("k", 60))] = strings.Repeat(notUTF8, 195)
	}
	return t
}

func hostileProperties(ctx context.Context, e *Env) error {
	c := e.client()
	defer c.Close()
	end, err := e.watchBystander()
	if err != nil {
		return err
	}
	want := map[string]bool{}
	for i, d := range disguises {
		name := fmt.Sprintf("%s-h%d", e.Tag, i)
		e.disguised(ctx, c, name+"r", d, false)
		e.disguised(ctx, c, name+"q", d, true)
		e.disguisedPoison(ctx, c, name+"p", d, want)
	}
	sleep(ctx, 500*time.Millisecond)
	kept := len(want)
	e.expectLetters(ctx, want)
	e.Note("%d of %d bad messages in dead-letter queues", kept-len(want), kept)
	return end()
}

// goneClients: what the broker has confirmed takes effect, whoever waits for the answer.
func goneClients(ctx context.Context, e *Env) error {
	for i := range 25 {
		if err := e.Broker.With(func(ch *amqp.Channel) error {
			if _, err := ch.Consume("amq.rabbitmq.reply-to", "", true, false, false, false, nil); err != nil {
				return err
			}
			return e.publishAndLeave(ctx, ch, fmt.Sprintf("%s-gone%d", e.Tag, i), "amq.rabbitmq.reply-to")
		}); err != nil {
			return err
		}
	}
	sleep(ctx, time.Second)
	return ctx.Err()
}

// publishAndLeave journals a write as acknowledged once the broker has confirmed it.
func (e *Env) publishAndLeave(ctx context.Context, ch *amqp.Channel, key, replyTo string) error {
	entry := journal.Entry{Case: e.Load.Case, Key: key, Op: "write", Template: load.Order, Name: key, Attempt: 1}
	e.journal(entry, journal.Intent)
	if err := ch.Confirm(false); err != nil {
		return err
	}
	body := fmt.Appendf(nil, `{"v":1,"template":"order","op":"write","event_id":%q,"key":%q,"deadline_ms":60000,"data":{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q}}`,
		key, key, key, e.Load.Group, key)
	confirm, err := ch.PublishWithDeferredConfirmWithContext(ctx, "beds.events", "rel.write.order", true, false,
		amqp.Publishing{MessageId: key, CorrelationId: key, Type: "write", ReplyTo: replyTo, DeliveryMode: amqp.Persistent, Body: body})
	if err != nil {
		return err
	}
	if acked, err := confirm.WaitContext(ctx); err != nil || !acked {
		return fmt.Errorf("the broker did not confirm %s: %v", key, err)
	}
	entry.Status, entry.Revision = "ok", 1
	e.journal(entry, journal.Reply)
	return nil
}

func backlog(ctx context.Context, e *Env) error {
	if err := e.Node.Kill(); err != nil {
		return err
	}
	var errs [8]error
	var all sync.WaitGroup
	for lane := range errs {
		all.Go(func() {
			errs[lane] = e.Broker.With(func(ch *amqp.Channel) error {
				for i := range 1500 / len(errs) {
					if err := e.publishAndLeave(ctx, ch, fmt.Sprintf("%s-b%d.%d", e.Tag, lane, i), ""); err != nil {
						return err
					}
				}
				return nil
			})
		})
	}
	all.Wait()
	heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := errors.Join(append(errs[:], e.Node.Start(heal))...); err != nil {
		return err
	}
	return e.Broker.WaitEmpty(30 * time.Second)
}

// disguised sends a good write, with a caller or (quiet) without.
func (e *Env) disguised(ctx context.Context, c *load.Client, key string, d disguise, quiet bool) {
	entry := journal.Entry{Case: e.Load.Case, Key: key, Op: "write", Template: load.Order, Name: key, Attempt: 1}
	e.journal(entry, journal.Intent)
	body := fmt.Appendf(nil, `{"v":1,"template":"order","op":"write","event_id":%q,"key":%q,"deadline_ms":5000,"data":{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q}}`,
		key, key, key, e.Load.Group, key)
	r, err := e.call(ctx, c, load.Message{RoutingKey: "rel.write.order", Correlation: key, MessageID: key, Type: "write", Body: body, NoReply: quiet, Change: d.apply})
	switch {
	case err != nil:
		e.Found(check.Unexpected, key, "a good request under %s: %v", d.name, err)
		return
	case quiet:
		entry.Status, entry.Revision = "ok", 1 // the broker has it: it must take effect
	default:
		_, entry.Revision = r.Record()
		entry.Status, entry.Code, entry.Note = r.Status, r.Error.Code, r.Error.Message
	}
	e.journal(entry, journal.Reply)
}

// disguisedPoison sends a bad request without a caller.
func (e *Env) disguisedPoison(ctx context.Context, c *load.Client, id string, d disguise, want map[string]bool) {
	want[id] = true
	_, err := e.call(ctx, c, load.Message{RoutingKey: "rel.write.order", Correlation: id, MessageID: id, Type: "write", NoReply: true, Change: d.apply,
		Body: []byte(`{"v":1,"template":"order","op":"write","data":{"number":`)})
	if err != nil {
		e.Found(check.Unexpected, id, "a bad message under %s was not taken: %v", d.name, err)
	}
}
