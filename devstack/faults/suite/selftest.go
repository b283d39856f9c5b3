package suite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/beds-project/beds/devstack/faults/check"
)

// A doctor changes the evidence of a case that was clean.
type doctor struct {
	name, doc string
	work      func(context.Context, *Env) error
	kind      string // of the finding that must come
}

var doctors = []doctor{
	{"row-removed", "an acknowledged order is deleted from MariaDB", removeRow, check.Lost},
	{"document-removed", "an acknowledged document is deleted from MongoDB", removeDocument, check.Lost},
	{"effect-doubled", "an order is changed a second time under the same key", doubleEffect, check.Duplicated},
	{"document-doubled", "a document's revision goes up once more than anybody asked", doubleDocument, check.Duplicated},
	{"forged-journal", "the journal says that something was acknowledged that never was sent", forgeJournal, check.Lost},
}

// A sabotage breaks the promises while the load runs.
type sabotage struct {
	name, doc string
	work      func(context.Context, *Env) error
	clean     func(context.Context, *Env) error
	kind      string
}

var sabotages = []sabotage{
	{"liar", "something that acknowledges and stores nothing answers beside the node", liar, nil, check.Lost},
	{"broken-build", "a node built from patched source ignores the client's idempotency key", brokenBuild, nil, check.Unexpected},
	{"keyless-procedure", "the procedure of inserts forgets the idempotency key", keyless, keyed, check.Duplicated},
}

// SelfTest shows that the checker can fail. It returns an error if a clean case
// fails, or if something broken goes unseen.
func (r *Runner) SelfTest(ctx context.Context, print func(string)) error {
	errs := []error{r.doctored(ctx, print)}
	for _, s := range sabotages {
		if s.name == "broken-build" && r.Env.Broken == "" {
			continue
		}
		out, err := r.Run(ctx, Fault{Name: s.name, Doc: s.doc, Run: s.work})
		if s.clean != nil {
			err = errors.Join(err, s.clean(ctx, r.Env))
		}
		if err != nil {
			return fmt.Errorf("self-test %s: %w", s.name, err)
		}
		errs = append(errs, seen(s.name, s.doc, s.kind, out.Counters, print))
	}
	return errors.Join(errs...)
}

// seen is the self-test's verdict on the checker's.
func seen(name, doc, kind string, c check.Counters, print func(string)) error {
	n := map[string]int{check.Lost: c.Lost, check.Duplicated: c.Duplicated, check.Unexpected: c.Unexpected}[kind]
	if n == 0 {
		return fmt.Errorf("self-test %s: %s, and the checker finds nothing %s", name, doc, kind)
	}
	print(fmt.Sprintf("seen %-18s %4d %-10s %s", name, n, kind, doc))
	return nil
}

// doctored runs one clean case and then damages its evidence bit by bit; each time the
// checker must find more than before.
func (r *Runner) doctored(ctx context.Context, print func(string)) error {
	f := Fault{Name: "clean", Run: func(ctx context.Context, _ *Env) error { sleep(ctx, 2*time.Second); return ctx.Err() }}
	clean, err := r.Run(ctx, f)
	if err != nil {
		return err
	}
	if clean.Failed() {
		return fmt.Errorf("self-test: the clean case is not clean: %v", clean.Findings[0])
	}
	before := clean.Counters
	var errs []error
	for _, d := range doctors {
		if err := d.work(ctx, r.Env); err != nil {
			return fmt.Errorf("self-test %s: %w", d.name, err)
		}
		out := new(Outcome)
		if err := r.judge(ctx, &f, out); err != nil {
			return err
		}
		more := check.Counters{Lost: out.Lost - before.Lost, Duplicated: out.Duplicated - before.Duplicated}
		errs = append(errs, seen(d.name, d.doc, d.kind, more, print))
		before = out.Counters
	}
	return errors.Join(errs...)
}

// brokenBuild lets a node with a planted fault answer duplicates alone.
func brokenBuild(ctx context.Context, e *Env) error {
	n, err := e.second(ctx, "faults-broken", e.Broken)
	if err != nil {
		return err
	}
	if _, err := e.Node.Drain(30 * time.Second); err != nil {
		return err
	}
	err = e.duplicateOrder(ctx, 10)
	heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return errors.Join(err, e.Node.Start(heal), n.Kill())
}

func removeRow(ctx context.Context, e *Env) error {
	return e.DB.Exec(ctx, fmt.Sprintf("DELETE FROM msOrder WHERE customer_ord = UNHEX('%s') LIMIT 1", strings.ReplaceAll(e.guid, "-", "")))
}

func doubleEffect(ctx context.Context, e *Env) error {
	return e.DB.Exec(ctx, fmt.Sprintf("UPDATE msOrder SET updated = UTC_TIMESTAMP(6) WHERE customer_ord = UNHEX('%s') AND deleted IS NULL LIMIT 1",
		strings.ReplaceAll(e.guid, "-", "")))
}

func (e *Env) ofCase() bson.D {
	return bson.D{{Key: "name_exm", Value: bson.D{{Key: "$regex", Value: "^" + e.Tag + "-"}}}}
}

func removeDocument(ctx context.Context, e *Env) error {
	res, err := e.DB.Mongo.Collection("msExample").DeleteOne(ctx, e.ofCase())
	if err == nil && res.DeletedCount != 1 {
		err = errors.New("there is no document to remove")
	}
	return err
}

func doubleDocument(ctx context.Context, e *Env) error {
	res, err := e.DB.Mongo.Collection("msExample").UpdateOne(ctx, e.ofCase(), bson.D{{Key: "$inc", Value: bson.D{{Key: "revision", Value: int64(100)}}}})
	if err == nil && res.ModifiedCount != 1 {
		err = errors.New("there is no document to change")
	}
	return err
}

func forgeJournal(_ context.Context, e *Env) error {
	f, err := os.OpenFile(e.journalPath(e.Tag), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	key := e.Tag + "-forged"
	_, err = fmt.Fprintf(f, `{"t":1,"kind":"intent","key":%q,"op":"write","template":"order","name":%q}
{"t":2,"kind":"reply","key":%q,"attempt":1,"status":"ok","revision":1}
`, key, key, key)
	return errors.Join(err, f.Close())
}

// liar answers some writes itself and stores nothing.
func liar(ctx context.Context, e *Env) error {
	return e.consume(ctx, func(ch *amqp.Channel, m *amqp.Delivery) error {
		var req struct {
			EventID string `json:"event_id"`
			Data    struct {
				Revision int64 `json:"revision"`
			} `json:"data"`
		}
		if err := json.Unmarshal(m.Body, &req); err != nil {
			return err
		}
		body := fmt.Appendf(nil, `{"v":1,"event_id":%q,"status":"ok","data":[{"id":"00000000-0000-7000-8000-000000000000","revision":%d}],"count":1,"node":"liar"}`,
			req.EventID, req.Data.Revision+1)
		return ch.Publish("", m.ReplyTo, false, false, amqp.Publishing{CorrelationId: m.CorrelationId, Body: body})
	})
}

// consume takes a few messages of a write queue away from the node, which is paused
// for that moment so that it does not win the race.
func (e *Env) consume(ctx context.Context, serve func(*amqp.Channel, *amqp.Delivery) error) error {
	if err := e.Node.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	defer e.Node.Signal(syscall.SIGCONT) //nolint:errcheck // it is ours and runs
	return e.Broker.With(func(ch *amqp.Channel) error {
		if err := ch.Qos(1, 0, false); err != nil {
			return err
		}
		deliveries, err := ch.ConsumeWithContext(ctx, "dev_rel.write", "", false, false, false, false, nil)
		if err != nil {
			return err
		}
		limit := time.After(3 * time.Second)
		for range 5 {
			select {
			case m := <-deliveries:
				if err := errors.Join(serve(ch, &m), m.Ack(false)); err != nil {
					return err
				}
			case <-limit:
				return nil
			}
		}
		return nil
	})
}

// keyless replaces msOrder_insert by one that stores the request under a key of its
// own making, publishes duplicates, and puts the reviewed one back.
func keyless(ctx context.Context, e *Env) (err error) {
	var name, body string
	err = e.DB.Maria.QueryRowContext(ctx, `SELECT ROUTINE_COMMENT, ROUTINE_DEFINITION FROM information_schema.ROUTINES
		WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = 'msOrder_insert'`).Scan(&name, &body)
	if err != nil {
		return err
	}
	define := func(text string) string {
		return "CREATE OR REPLACE DEFINER = beds_owner@localhost PROCEDURE msOrder_insert (IN p_request JSON) MODIFIES SQL DATA " +
			"SQL SECURITY DEFINER COMMENT '" + name + "' " + text
	}
	broken := strings.ReplaceAll(body, "SELECT 'msOrder', `r`.`key`,", "SELECT 'msOrder', UUID(),")
	if broken == body {
		return errors.New("msOrder_insert has another shape than the self-test knows; adapt keyless")
	}
	// Without the unique index nothing else stands in the way of a second row.
	if err := e.DB.Exec(ctx, "ALTER TABLE msOrder DROP INDEX number", define(broken)); err != nil {
		return err
	}
	defer func() {
		heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, e.DB.Exec(heal, define(body)))
	}()
	return duplicates(ctx, e)
}

// keyed removes the doubles that keyless has made and brings the unique index back.
func keyed(ctx context.Context, e *Env) error {
	return e.DB.Exec(ctx,
		"DELETE o FROM msOrder AS o JOIN msOrder AS p ON o.number_ord = p.number_ord AND o.id > p.id AND o.number_ord LIKE '"+e.Tag+"-%'",
		"CREATE UNIQUE INDEX IF NOT EXISTS number ON msOrder (number_ord)")
}
