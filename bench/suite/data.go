package suite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/beds-project/beds/generated/example"
	"github.com/beds-project/beds/generated/order"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/record"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Data are the records that the reading classes read.
type Data struct {
	Orders, Examples []runtime.GUID
	Numbers          []string // of the orders
}

// How many records there are. FerretDB on SQLite does not use indexes, so the document store gets few.
const (
	orders   = 20_000
	examples = 500
	portion  = 250 // records in a message
)

// prepare empties the stores and fills them by way of a node, as an application would.
func (e *Env) prepare(ctx context.Context, node *Server) (*Data, error) {
	if err := e.empty(ctx); err != nil {
		return nil, err
	}
	c, err := client.Dial(ctx, client.Config{URLs: []string{e.AMQP}, Exchange: node.Name, Name: "bench", Timeout: time.Minute, Logger: e.Log})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	d := new(Data)
	for len(d.Orders) < orders {
		recs := make([]order.Record, portion)
		for i := range recs {
			recs[i] = newOrder(serial.Add(1))
			d.Numbers = append(d.Numbers, recs[i].Number)
		}
		stored, errs, err := order.NewClient(c).WriteAll(ctx, recs)
		if d.Orders, err = collect(d.Orders, stored, errs, err); err != nil {
			return nil, err
		}
	}
	for len(d.Examples) < examples {
		recs := make([]example.Record, 50)
		for i := range recs {
			n := serial.Add(1)
			recs[i] = example.Record{Name: fmt.Sprintf("Ada Lovelace %d", n), Email: fmt.Sprintf("%s-%d@example.com", tag, n),
				Balance: record.Some(record.Decimal("12345678.90")), Tags: record.Some([]string{"poet", "engine"}),
				Address: record.Some(example.AddressObject{Street: "12 St James's Square", City: "London"})}
		}
		stored, errs, err := example.NewClient(c).WriteAll(ctx, recs)
		if d.Examples, err = collect(d.Examples, stored, errs, err); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func newOrder(n uint64) order.Record {
	return order.Record{
		Number: fmt.Sprintf("%s-%d", tag, n), Customer: record.GUID(customer(n)),
		Placed: record.Date{Year: 2026, Month: time.November, Day: int(1 + n%28)}, Total: "199.95",
		Tags:   record.Some([]string{"gift", "fragile"}),
		ShipTo: record.Some(order.ShipToObject{City: "London", Country: "GB", Name: "Ada Lovelace", Street: "12 St James's Square"}),
		Note:   record.Some("Please leave it with the neighbours, they are at home all day."),
	}
}

// collect takes the ids of what was stored; all must have been.
func collect(ids []runtime.GUID, stored []client.Stored, errs []error, err error) ([]runtime.GUID, error) {
	if err != nil {
		return nil, fmt.Errorf("filling the stores: %w", err)
	}
	for i := range stored {
		if errs[i] != nil {
			return nil, fmt.Errorf("filling the stores: %w", errs[i])
		}
		ids = append(ids, runtime.GUID(stored[i].ID))
	}
	return ids, nil
}

// empty removes what earlier runs have left, so that runs can be compared.
func (e *Env) empty(ctx context.Context) error {
	db, err := sql.Open("mysql", e.MariaDB)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, table := range []string{"msOrder", "msExample", "msLogs", "beds_requests"} {
		if _, err := db.ExecContext(ctx, "TRUNCATE TABLE "+table); err != nil {
			return err
		}
	}
	docs, err := e.openMongo()
	if err != nil {
		return err
	}
	defer docs.Disconnect(ctx) //nolint:errcheck // nothing depends on it
	for _, name := range []string{"msOrder", "msExample", "msLogs", "beds_requests"} {
		if _, err := docs.Database(e.Config.MongoDB.Database).Collection(name).DeleteMany(ctx, bson.D{}); err != nil {
			return err
		}
	}
	return nil
}

func (e *Env) openMongo() (*mongo.Client, error) {
	return mongo.Connect(options.Client().ApplyURI(e.Config.MongoDB.URI))
}
