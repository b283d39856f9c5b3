package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
)

// logsInMaria puts the log collection into MariaDB.
var logsInMaria = Variant{Name: "beds-logs-mariadb", Env: []string{"BEDS__TEMPLATES__MST_LOGGER__STORE=mariadb"}}

func (r *Run) tl(ctx context.Context) (*Result, error) {
	var cast cast
	defer cast.stop()
	class := &Class{Name: "TL", Title: "log events into the collection", Unit: "events",
		Doc: "Persistent log events, published with confirmation from 256 goroutines, until all of them lie in msLogs; the clock stops " +
			"when the last one is there. The times are those from the publish to the broker's confirmation. " + ferret}
	for _, v := range append([]Variant{beds, logsInMaria}, r.Variants...) {
		s, err := cast.node(ctx, r, v, false)
		if err != nil {
			return nil, err
		}
		count, events, doc := r.countDocuments, 2000, "a BEDS node, msLogs in the document store"
		if v.Name == logsInMaria.Name {
			count, events, doc = r.countRows, 20_000, "a BEDS node, msLogs in MariaDB"
		}
		if r.Short {
			events /= 10
		}
		class.Contestants = append(class.Contestants, &Contestant{Name: v.Name, Doc: doc, Server: s,
			Drive: func(ctx context.Context, win load.Window) (*load.Sample, error) {
				return r.logEvents(ctx, s, events, count, win)
			}})
	}
	return r.run(ctx, class, r.Out)
}

// logEvents publishes events and waits until they are stored.
func (r *Run) logEvents(ctx context.Context, s *Server, events int, count func(context.Context) (int, error), win load.Window) (*load.Sample, error) {
	c, err := client.Dial(ctx, client.Config{URLs: []string{r.AMQP}, Exchange: s.Name, Name: "bench", Timeout: time.Minute, Logger: r.Log})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	before, err := count(ctx)
	if err != nil {
		return nil, err
	}
	win.Begin()
	start := time.Now()
	published, err := r.publishEvents(ctx, c, events)
	if err != nil {
		return nil, err
	}
	for stored := 0; stored < events; {
		if stored, err = count(ctx); err != nil {
			return nil, err
		}
		stored -= before
		if time.Since(start) > 2*time.Minute {
			return nil, fmt.Errorf("%d of %d events are stored after two minutes", stored, events)
		}
		time.Sleep(100 * time.Millisecond)
	}
	published.Elapsed = time.Since(start)
	win.End()
	return published, nil
}

func (r *Run) publishEvents(ctx context.Context, c *client.Client, events int) (*load.Sample, error) {
	const publishers = 256
	next := make(chan int, events)
	for i := range events {
		next <- i
	}
	close(next)
	return load.Fixed(ctx, publishers, next, func(ctx context.Context, i int) error {
		id := eventIDs.EventID()
		return c.Publish(ctx, "log.dev.info", client.Publishing{Type: envelope.OpWrite, MessageID: id, Persistent: true,
			Body: fmt.Appendf(nil, `{"event_id":%q,"root_id":%q,"depth":0,"level":"info","level_val":0,"resource":"bench","service":"app_server",`+
				`"env":"dev","node":"bench","file":"handler.go","method":"serve","line":%d,"message":"the request was answered in time"}`, id, id, i)})
	})
}

func (r *Run) countRows(ctx context.Context) (n int, err error) {
	db, err := sql.Open("mysql", r.MariaDB)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT COUNT(*) FROM msLogs").Scan(&n)
	return n, errors.Join(err, db.Close())
}

func (r *Run) countDocuments(ctx context.Context) (int, error) {
	docs, err := r.openMongo()
	if err != nil {
		return 0, err
	}
	n, err := docs.Database(r.Config.MongoDB.Database).Collection("msLogs").EstimatedDocumentCount(ctx)
	return int(n), errors.Join(err, docs.Disconnect(ctx))
}
