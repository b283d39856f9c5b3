// Command demo tells the story of a shop over AMQP: it is a client of a running
// node, and every line that it prints is what the node answered. make demo runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/beds-project/beds/generated/example"
	"github.com/beds-project/beds/generated/order"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/node"
	"github.com/beds-project/beds/runtime/record"
)

func main() {
	dir := flag.String("config", os.Getenv("BEDS_CONFIG"), "`folder` of the configuration")
	flag.Parse()
	if err := tell(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func tell(dir string) error {
	cfg, err := config.Load(config.Options{Dir: dir})
	if err != nil {
		return err
	}
	sc, err := node.SessionConfig(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := client.Dial(ctx, client.Config{URLs: sc.URLs, Exchange: cfg.AMQP.Exchange, Name: "demo", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // the story is told
	s := &story{client: c, env: string(cfg.Env), orders: order.NewClient(c), people: example.NewClient(c),
		// A tag makes unique values, so that the story can be told again.
		tag: runtime.GUID(lineage.NewV7()).String()[9:18]}
	chapters := []func(context.Context) error{
		s.writePerson, s.writeOrder, s.page, s.update, s.stale, s.query, s.batch, s.exactlyOnce, s.logEvent, s.malformed,
	}
	for _, chapter := range chapters {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	fmt.Printf("\nTen chapters, two databases, no application that touched either.\n")
	return nil
}

type story struct {
	client *client.Client
	env    string
	tag    string
	orders client.Domain[order.Record]
	people client.Domain[example.Record]

	person example.Record
	order  order.Record
}

func chapter(n int, title string) { fmt.Printf("\n%2d. %s\n", n, title) }

func line(format string, args ...any) { fmt.Printf("    "+format+"\n", args...) }

// took measures a call and says how long it took, through RabbitMQ and back.
func took(start time.Time) string { return time.Since(start).Round(10 * time.Microsecond).String() }

func (s *story) writePerson(ctx context.Context) error {
	chapter(1, "A person goes into the document store (template example, schema rec)")
	start := time.Now()
	stored, err := s.people.Write(ctx, example.Record{
		Name: "Ada Lovelace " + s.tag, Email: "ada" + s.tag + "@example.com",
		Balance:      record.Some(record.Decimal("12345678.90")),
		Address:      record.Some(example.AddressObject{Street: "12 St James's Square", City: "London"}),
		Tags:         record.Some([]string{"poet", "engine"}),
		PasswordHash: record.Some("argon2id:goes-in-and-never-comes-out"),
	})
	if err != nil {
		return err
	}
	line("stored %s as revision %d in %s", stored.ID, stored.Revision, took(start))
	p, found, err := s.people.Get(ctx, stored.ID)
	if err != nil || !found {
		return fmt.Errorf("the person is not there: %w", err)
	}
	s.person = p
	line("read back: %s <%s>, country %s by default, balance %s to the cent, in %s", p.Name, p.Email,
		record.Text(p.Country), record.Text(p.Balance), record.Or(p.Address, example.AddressObject{}).City)
	line("password hash in the reply: %s", record.Text(p.PasswordHash))
	return nil
}

func (s *story) writeOrder(ctx context.Context) error {
	chapter(2, "Her orders go into MariaDB through stored procedures (template order, schema rel)")
	for i := range 5 {
		start := time.Now()
		stored, err := s.orders.Write(ctx, order.Record{
			Number: fmt.Sprintf("S%s-%d", s.tag, i+1), Customer: s.person.ID,
			Placed: record.Date{Year: 2026, Month: time.November, Day: 20 + i},
			Total:  record.Decimal(fmt.Sprintf("%d.95", (i+1)*100)),
		})
		if err != nil {
			return err
		}
		line("order %d is %s, %s", i+1, stored.ID, took(start))
	}
	return nil
}

func (s *story) page(ctx context.Context) error {
	chapter(3, "All orders of the customer, newest first, two a page")
	cursor := ""
	for n := 1; ; n++ {
		p, err := s.orders.Fetch(ctx, order.ByCustomerPlaced(s.person.ID), client.Limit(2), client.After(cursor))
		if err != nil {
			return err
		}
		for _, o := range p.Records {
			line("page %d: %s placed %s, %s %s, %s", n, o.Number, o.Placed, o.Total, record.Text(o.Currency), record.Text(o.Status))
			s.order = o
		}
		if cursor = p.Cursor; cursor == "" {
			return nil
		}
	}
}

func (s *story) update(ctx context.Context) error {
	chapter(4, "The oldest one is paid")
	stored, err := s.orders.Update(ctx, s.order.ID, s.order.Revision, []client.Change{
		order.FieldStatus.To("paid"), order.FieldPaidAt.To(time.Now()),
	})
	if err != nil {
		return err
	}
	line("%s has revision %d now", s.order.Number, stored.Revision)
	return nil
}

func (s *story) stale(ctx context.Context) error {
	chapter(5, "Somebody who still looks at revision 1 tries to cancel it")
	_, err := s.orders.Update(ctx, s.order.ID, s.order.Revision, []client.Change{order.FieldStatus.To("cancelled")})
	return expect(err, envelope.Stale)
}

// expect prints the refusal that the story is about.
func expect(err error, code envelope.Code) error {
	var e *envelope.Error
	if !errors.As(err, &e) || e.Code != code {
		return fmt.Errorf("expected the refusal %s, got %w", code, err)
	}
	line("refused: %s", e)
	for _, d := range e.Details {
		line("  %s: %s: %s", d.Field, d.Code, d.Message)
	}
	return nil
}

func (s *story) query(ctx context.Context) error {
	chapter(6, "A named query, one static procedure: open orders of the customer")
	p, err := s.orders.Query(ctx, order.QueryOpenByCustomer(s.person.ID))
	if err != nil {
		return err
	}
	for _, o := range p.Records {
		line("%s %s", o.Number, record.Text(o.Status))
	}
	n, err := s.orders.Count(ctx, order.ByStatusPlaced("paid"))
	if err != nil {
		return err
	}
	line("and %d paid orders in all", n)
	return nil
}

func (s *story) batch(ctx context.Context) error {
	chapter(7, "A batch of 100 in one message; number 50 uses a taken number and fails alone")
	recs := make([]order.Record, 100)
	for i := range recs {
		recs[i] = order.Record{Number: fmt.Sprintf("B%s-%d", s.tag, i), Customer: s.person.ID,
			Placed: record.Date{Year: 2026, Month: time.December, Day: 1 + i%28}, Total: "9.99"}
	}
	recs[50].Number = s.order.Number
	start := time.Now()
	_, errs, err := s.orders.WriteAll(ctx, recs)
	if err != nil {
		return err
	}
	ok := 0
	for _, err := range errs {
		if err == nil {
			ok++
		}
	}
	line("%d stored in %s", ok, took(start))
	return expect(errs[50], envelope.Duplicate)
}

func (s *story) exactlyOnce(ctx context.Context) error {
	chapter(8, "The same write sent three times with one key takes effect once")
	rec := example.Record{Name: "Grace Hopper " + s.tag, Email: "grace" + s.tag + "@example.com"}
	key := "demo-" + s.tag
	for range 3 {
		stored, err := s.people.Write(ctx, rec, client.Key(key))
		if err != nil {
			return err
		}
		line("answered with %s, revision %d", stored.ID, stored.Revision)
	}
	rec.Name = "Somebody else"
	_, err := s.people.Write(ctx, rec, client.Key(key))
	return expect(err, envelope.KeyReused)
}

func (s *story) logEvent(ctx context.Context) error {
	chapter(9, "A log event travels over AMQP into the collection msLogs")
	event := runtime.GUID(lineage.NewV7()).String()
	err := s.client.Publish(ctx, "log."+s.env+".info", client.Publishing{MessageID: event, Type: envelope.OpWrite, Persistent: true,
		Body: fmt.Appendf(nil, `{"event_id":%q,"root_id":%q,"depth":0,"level":"info","level_val":0,"resource":"demo","message":"ten chapters"}`, event, event)})
	if err != nil {
		return err
	}
	for range 50 {
		reply, err := s.client.Call(ctx, &envelope.Request{Template: "mst_logger", Op: envelope.OpFetch,
			Data: fmt.Appendf(nil, `{"event_id":%q}`, event), Options: envelope.Options{Return: []string{"event_id", "level", "message"}}}, runtime.Rec)
		if err != nil {
			return err
		}
		if reply.Count == 1 {
			line("msLogs holds %s", reply.Data[0])
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return errors.New("the log event did not arrive in msLogs within 5 s")
}

func (s *story) malformed(ctx context.Context) error {
	chapter(10, "A request full of mistakes, answered with all of them at once")
	_, err := s.client.Call(ctx, &envelope.Request{Template: "order", Op: envelope.OpWrite,
		Data: []byte(`{"nubmer":"S-1","total":12.5,"status":"lost","internal_score":9,"placed":"2026-02-30"}`)}, runtime.Rel)
	if err := expect(err, envelope.Invalid); err != nil {
		return err
	}
	body, err := s.client.Roundtrip(ctx, "rel.read.order", client.Publishing{Type: "fetch", MessageID: "broken", Body: []byte(`{"v":1,"template":"order",`)})
	if err != nil {
		return err
	}
	reply, err := envelope.DecodeReply(body)
	if err != nil {
		return err
	}
	line("and half a message: %s", reply.Err())
	return nil
}
