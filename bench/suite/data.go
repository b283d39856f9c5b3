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
	return d, e.statements(ctx, "DROP TABLE IF EXISTS bench_orders", "CREATE TABLE bench_orders LIKE msOrder",
		"INSERT INTO bench_orders SELECT * FROM msOrder")
}

// shrink brings MariaDB's tables back to what prepare made. What others have written before would count otherwise: with
// some million rows there, and the buffer pool at its default of 128 MiB, a row took twice the server's time.
func (e *Env) shrink(ctx context.Context) error {
	return e.statements(ctx, "TRUNCATE TABLE msOrder", "TRUNCATE TABLE beds_requests", "INSERT INTO msOrder SELECT * FROM bench_orders")
}

func (e *Env) statements(ctx context.Context, list ...string) error {
	db, err := sql.Open("mysql", e.MariaDB)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, s := range list {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
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
	if err := e.statements(ctx, "TRUNCATE TABLE msOrder", "TRUNCATE TABLE msExample", "TRUNCATE TABLE msLogs", "TRUNCATE TABLE beds_requests"); err != nil {
		return err
	}
	docs, err := e.openMongo()
	if err != nil {
		return err
	}
	defer docs.Disconnect(ctx) //nolint:errcheck // nothing depends on it
	for _, name := range []string{"msOrder", "msExample", "msLogs", "beds_requests"} {
		if err := deleteAll(ctx, docs.Database(e.Config.MongoDB.Database).Collection(name)); err != nil {
			return err
		}
	}
	return nil
}

// deleteAll empties a collection. FerretDB cannot where there are more than 32,766, and takes minutes for them in portions:
// the collection is dropped then, and its indexes are made again.
func deleteAll(ctx context.Context, c *mongo.Collection) error {
	n, err := c.EstimatedDocumentCount(ctx)
	if err != nil {
		return err
	}
	if n < 32_000 {
		_, err = c.DeleteMany(ctx, bson.D{})
		return err
	}
	specs, err := c.Indexes().ListSpecifications(ctx)
	if err != nil {
		return err
	}
	if err := c.Drop(ctx); err != nil {
		return err
	}
	for _, spec := range specs {
		if spec.Name == "_id_" {
			continue
		}
		unique := spec.Unique != nil && *spec.Unique
		model := mongo.IndexModel{Keys: spec.KeysDocument, Options: options.Index().SetName(spec.Name).SetUnique(unique)}
		if _, err := c.Indexes().CreateOne(ctx, model); err != nil {
			return fmt.Errorf("%s: index %s: %w", c.Name(), spec.Name, err)
		}
	}
	return nil
}

func (e *Env) openMongo() (*mongo.Client, error) {
	return mongo.Connect(options.Client().ApplyURI(e.Config.MongoDB.URI))
}
