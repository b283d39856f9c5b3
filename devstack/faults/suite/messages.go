package suite

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/journal"
	"github.com/beds-project/beds/devstack/faults/load"
)

// clientErrors are the codes under which a poison message without a caller is kept.
var clientErrors = []string{"malformed", "too_large", "bad_version", "unknown_template", "unknown_operation", "unknown_member",
	"bad_type", "invalid", "required", "no_return", "bad_reply_to", "unknown_field", "protected", "bad_value"}

func messages() []Fault {
	return []Fault{
		{Name: "poison", Doc: "malformed, huge and wrong messages, with and without a caller: each is answered once or in a dead-letter queue with a reason",
			Short: true, Run: poison, Dead: clientErrors},
		{Name: "duplicates", Doc: "a write, an update and a document, each published 100 times", Short: true, Run: duplicates},
	}
}

// runNone waits, and calls the object: without faults it runs once for each answer.
func runNone(ctx context.Context, e *Env) error {
	c := e.client()
	defer c.Close()
	name := e.Tag + "-object"
	answered := 0
	for i := range 20 {
		id := fmt.Sprintf("%s-%d", name, i)
		body := fmt.Appendf(nil, `{"v":1,"template":"order","op":"object","event_id":%q,"deadline_ms":3000,"data":{"name":"count","args":{"name":%q}}}`, id, name)
		r, err := e.call(ctx, c, load.Message{RoutingKey: "rel.obj.order", Correlation: id, MessageID: id, Type: "object", Body: body})
		if err != nil || r.Status != "ok" {
			e.Found(check.Unexpected, id, "an object's answer: %+v, %v", r, err)
			continue
		}
		answered++
	}
	var runs int
	if err := e.DB.Maria.QueryRowContext(ctx, "SELECT COALESCE(MAX(runs), 0) FROM faults_counter WHERE name = ?", name).Scan(&runs); err != nil {
		return err
	}
	e.Note("object: %d answers, %d runs", answered, runs)
	switch {
	case runs > answered:
		e.Found(check.Duplicated, name, "the object ran %d times for %d answers", runs, answered)
	case runs < answered:
		e.Found(check.Lost, name, "the object ran %d times for %d answers", runs, answered)
	}
	sleep(ctx, 2*time.Second)
	return nil
}

// client dials a client of the case's own, through the proxied link.
func (e *Env) client() *load.Client {
	return load.Dial(e.clientURL(), "beds.events", e.canary(), func(correlation string, r *load.Reply) {
		e.late.Store(correlation, r)
	})
}

// call tries until the client is connected.
func (e *Env) call(ctx context.Context, c *load.Client, m load.Message) (r *load.Reply, err error) {
	for range 50 {
		if r, err = c.Call(ctx, m, 8*time.Second); err != load.ErrLost {
			return r, err
		}
		sleep(ctx, 50*time.Millisecond)
	}
	return r, err
}

// A bad message and where it goes.
type bad struct {
	key, op string
	body    []byte
}

func badMessages() []bad {
	return []bad{
		{"rel.write.order", "write", []byte(`{"v":1,"template":"order",`)},
		{"rel.write.order", "write", []byte{0xff, 0xfe, 0x00, '{'}},
		{"rel.write.order", "write", nil},
		{"rec.write.example", "write", []byte(`[]`)},
		{"rec.write.example", "write", []byte(`{"v":1,"template":"example","op":"write","data":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`)},
		{"rec.write.example", "write", []byte(`{"v":1,"template":"example","op":"write","data":{"name":"` + strings.Repeat("x", 5<<20) + `"}}`)},
		{"rel.write.order", "write", []byte(`{"v":2,"template":"order","op":"write","data":{}}`)},
		{"rel.write.nobody", "write", []byte(`{"v":1,"template":"nobody","op":"write","data":{}}`)},
		{"rel.write.order", "explode", []byte(`{"v":1,"template":"order","op":"explode","data":{}}`)},
		{"rel.write.order", "write", []byte(`{"v":1,"template":"order","op":"write","op":"write","data":{}}`)},
		{"rel.write.order", "write", []byte(`{"v":1,"template":"order","op":"write","key":"k","data":{"number":7,"total":{"$ne":null},"customer":[]}}`)},
		{"rel.read.order", "update", []byte(`{"v":1,"template":"order","op":"update","data":{}}`)},
		{"rel.obj.order", "batch", []byte(`{"v":1,"template":"order","op":"batch","ops":[{"op":"explode"}],"data":1}`)},
	}
}

func poison(ctx context.Context, e *Env) error {
	c := e.client()
	defer c.Close()
	list := badMessages()
	want := map[string]bool{} // dead letters by message id
	for i, b := range list {
		id := fmt.Sprintf("%s-bad%d", e.Tag, i)
		m := load.Message{RoutingKey: b.key, Correlation: id, MessageID: id, Type: b.op, Body: b.body}
		r, err := e.call(ctx, c, m)
		if err != nil || r.Status != "error" || r.Error.Code == "" {
			e.Found(check.Unexpected, id, "a bad message was answered with %+v, %v", r, err)
		}
		m.Correlation, m.MessageID, m.NoReply = id+"n", id+"n", true
		want[m.MessageID] = true
		if _, err := e.call(ctx, c, m); err != nil {
			e.Found(check.Unexpected, m.MessageID, "a bad message was not taken: %v", err)
		}
	}
	if err := e.badAddress(want); err != nil {
		return err
	}
	e.goodWithoutCaller(ctx, c)
	kept := len(want)
	e.expectLetters(ctx, want)
	e.Note("%d bad messages answered, %d of %d without a caller in dead-letter queues", len(list), kept-len(want), kept)
	return nil
}

// badAddress asks for a reply into a work queue.
func (e *Env) badAddress(want map[string]bool) error {
	id := e.Tag + "-badreply"
	want[id] = true
	return e.Broker.With(func(ch *amqp.Channel) error {
		return ch.Publish("beds.events", "rel.read.order", false, false, amqp.Publishing{MessageId: id, Type: "ping", ReplyTo: "dev_rel.write",
			Body: []byte(`{"v":1,"op":"ping"}`)})
	})
}

// goodWithoutCaller: a write that the broker has confirmed must take effect although
// nobody waits for the reply. The journal takes the confirmation for the answer.
func (e *Env) goodWithoutCaller(ctx context.Context, c *load.Client) {
	key := e.Tag + "-quiet"
	g := e.Load
	entry := journal.Entry{Case: g.Case, Key: key, Op: "write", Template: load.Order, Name: key, Attempt: 1}
	body := fmt.Appendf(nil, `{"v":1,"template":"order","op":"write","event_id":%q,"key":%q,"data":{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q}}`,
		key, key, key, g.Group, key)
	e.journal(entry, journal.Intent)
	_, err := e.call(ctx, c, load.Message{RoutingKey: "rel.write.order", Correlation: key, MessageID: key, Type: "write", Body: body, NoReply: true})
	if err != nil {
		e.Found(check.Unexpected, key, "a message without a caller was not taken: %v", err)
		return
	}
	entry.Status, entry.Revision = "ok", 1
	e.journal(entry, journal.Reply)
	sleep(ctx, 500*time.Millisecond)
}

func (e *Env) journal(entry journal.Entry, kind string) {
	entry.Kind = kind
	if err := e.Load.Journal.Append(entry); err != nil {
		e.Found(check.Unexpected, entry.Key, "the journal: %v", err)
	}
}

// expectLetters waits for the dead letters and files those that do not come.
func (e *Env) expectLetters(ctx context.Context, want map[string]bool) {
	for range 50 {
		letters, err := e.Broker.Collect()
		e.letters = append(e.letters, letters...)
		if err == nil {
			for _, l := range letters {
				delete(want, l.MessageID)
			}
		}
		if len(want) == 0 {
			return
		}
		sleep(ctx, 200*time.Millisecond)
	}
	for id := range want {
		e.Found(check.Lost, id, "a bad message without a caller is in no dead-letter queue")
	}
}

// duplicates publishes the same messages again and again at the same time.
func duplicates(ctx context.Context, e *Env) error {
	return e.duplicate(ctx, 100)
}

func (e *Env) duplicate(ctx context.Context, times int) error {
	c := e.client()
	defer c.Close()
	e.writeOrder(ctx, c, times)
	person := e.Tag + "-dupx"
	id := e.publishTimes(ctx, c, times, journal.Entry{Key: person, Op: "write", Template: load.Example, Name: person}, "rec.write.example",
		fmt.Sprintf(`{"name":%q,"email":%q,"about":%q}`, person, person+"@faults.example", person))
	change := journal.Entry{Key: person + ".u1", Op: "update", Template: load.Example, Name: person, Base: 1}
	e.publishTimes(ctx, c, times, change, "rec.write.example", fmt.Sprintf(`{"id":%q,"revision":1,"about":%q}`, id, change.Key))
	return ctx.Err()
}

// duplicateOrder is the part of it that MariaDB answers.
func (e *Env) duplicateOrder(ctx context.Context, times int) error {
	c := e.client()
	defer c.Close()
	e.writeOrder(ctx, c, times)
	return ctx.Err()
}

func (e *Env) writeOrder(ctx context.Context, c *load.Client, times int) {
	name := e.Tag + "-dup"
	order := fmt.Sprintf(`{"number":%q,"customer":%q,"placed":"2026-11-24","total":"1.00","note":%q}`, name, e.Load.Group, name)
	id := e.publishTimes(ctx, c, times, journal.Entry{Key: name, Op: "write", Template: load.Order, Name: name}, "rel.write.order", order)
	change := journal.Entry{Key: name + ".u1", Op: "update", Template: load.Order, Name: name, Base: 1}
	e.publishTimes(ctx, c, times, change, "rel.write.order", fmt.Sprintf(`{"id":%q,"revision":1,"note":%q}`, id, change.Key))
}

// publishTimes sends one operation many times at once and returns the record's id.
func (e *Env) publishTimes(ctx context.Context, c *load.Client, times int, entry journal.Entry, routing, data string) (id string) {
	entry.Case = e.Load.Case
	e.journal(entry, journal.Intent)
	body := fmt.Appendf(nil, `{"v":1,"template":%q,"op":%q,"event_id":%q,"key":%q,"deadline_ms":10000,"data":%s}`,
		entry.Template, entry.Op, "ms.dev."+entry.Key, entry.Key, data)
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range times {
		all.Go(func() {
			one := entry
			one.Attempt = i + 1
			e.journal(one, journal.Publish)
			got := e.publishOnce(ctx, c, one, load.Message{RoutingKey: routing, Correlation: fmt.Sprintf("%s#%d", entry.Key, i+1),
				MessageID: entry.Key, Type: entry.Op, Body: body})
			mu.Lock()
			defer mu.Unlock()
			if id != "" && got != "" && got != id {
				e.Found(check.Duplicated, entry.Key, "one key was answered with the records %s and %s", id, got)
			}
			if got != "" {
				id = got
			}
		})
	}
	all.Wait()
	return id
}

// publishOnce asks until it is answered, since what is busy may say so.
func (e *Env) publishOnce(ctx context.Context, c *load.Client, entry journal.Entry, m load.Message) string {
	for try := range 20 {
		r, err := e.call(ctx, c, m)
		if err != nil || r.Error.Retryable {
			sleep(ctx, time.Duration(try+1)*20*time.Millisecond)
			continue
		}
		id, revision := r.Record()
		entry.Status, entry.Code, entry.Note, entry.Revision = r.Status, r.Error.Code, r.Error.Message, revision
		e.journal(entry, journal.Reply)
		return id
	}
	e.Found(check.Unexpected, m.Correlation, "one of many equal messages was never answered")
	return ""
}
