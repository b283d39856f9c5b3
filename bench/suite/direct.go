package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/beds-project/beds/bench/load"
	"github.com/beds-project/beds/bench/peer"
	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/store/maria"

	"github.com/beds-project/beds/generated/order"
)

// connections are as many as a node has by default; they are all busy in the direct classes.
const connections = 16

// A databaseLimit calls MariaDB without any broker.
type databaseLimit struct {
	store  *maria.Store
	orders *peer.Orders
}

// openLimit connects with the node's own account for the CALLs, and with the peer's for plain statements.
func (e *Env) openLimit(ctx context.Context) (*databaseLimit, error) {
	if err := runtime.Prepare(&order.Template); err != nil {
		return nil, err
	}
	m := &e.Config.MariaDB
	if _, _, err := net.SplitHostPort(m.Address); err != nil {
		return nil, err
	}
	store, err := maria.Open(ctx, maria.Config{Address: m.Address, Database: m.Database, User: m.User,
		Password: string(m.Password), MaxConns: connections, Logger: e.Log})
	if err != nil {
		return nil, err
	}
	orders, err := peer.OpenOrders(ctx, e.MariaDB)
	if err != nil {
		return nil, errors.Join(err, store.Close(ctx))
	}
	return &databaseLimit{store: store, orders: orders}, nil
}

func (l *databaseLimit) close(ctx context.Context) {
	_ = l.store.Close(ctx) // the benchmark is over
	_ = l.orders.Close()
}

// direct is a contestant that calls without a broker.
func direct(name, doc string, inFlight, ops int, work func(ctx context.Context, n uint64) error) *Contestant {
	return &Contestant{Name: name, Doc: doc, Ops: ops,
		Drive: func(ctx context.Context, win load.Window) (*load.Sample, error) {
			return load.Direct(ctx, inFlight, win, work)
		}}
}

// reads are the limits of reading by key, for CALLs of these sizes.
func (l *databaseLimit) reads(ids []runtime.GUID, inFlight int, sizes ...int) []*Contestant {
	busy := plural(inFlight, "connection")
	list := []*Contestant{direct("direct-select", "a prepared SELECT by key, "+busy+", no broker", inFlight, 1,
		func(ctx context.Context, n uint64) error {
			rows, err := l.orders.Get(ctx, ids[n%uint64(len(ids))].String())
			return got(len(rows), 1, err)
		})}
	for _, size := range sizes {
		list = append(list, direct(fmt.Sprintf("direct-call-%d", size),
			fmt.Sprintf("CALL of the reading procedure with %s, %s, no broker", plural(size, "key"), busy), inFlight, size,
			func(ctx context.Context, n uint64) error {
				rows, err := l.store.Get(ctx, &order.Template, portionOf(ids, n, size))
				return got(len(rows), size, err)
			}))
	}
	return list
}

// writes are the limits of durable writes with their idempotency records.
func (l *databaseLimit) writes() []*Contestant {
	list := []*Contestant{direct("direct-insert", "two prepared INSERTs in a transaction, 16 connections, no broker", connections, 1,
		func(ctx context.Context, _ uint64) error {
			reply := l.orders.Handle(ctx, "write", write("order")(0))
			if !okay(reply) {
				return fmt.Errorf("the service answered %s", reply)
			}
			return nil
		})}
	for _, size := range []int{1, 16, 64} {
		list = append(list, direct(fmt.Sprintf("direct-call-%d", size),
			fmt.Sprintf("CALL of the inserting procedure with %s, 16 connections, no broker", plural(size, "row")), connections, size,
			func(ctx context.Context, _ uint64) error {
				items := make([]runtime.Insert, size)
				for i := range items {
					items[i] = newInsert(serial.Add(1))
				}
				out, err := l.store.Insert(ctx, &order.Template, items, false)
				for i := range out {
					if err == nil && out[i].Code != "" {
						err = fmt.Errorf("an insert ended with %s %s", out[i].Code, out[i].Detail)
					}
				}
				return got(len(out), size, err)
			}))
	}
	return list
}

// newInsert is the record of newOrder as a core gives it to a store.
func newInsert(n uint64) runtime.Insert {
	t := &order.Template
	row := make(runtime.Row, len(t.Fields))
	for i := range row {
		row[i] = runtime.NullValue()
	}
	set := func(field string, v runtime.Value) { row[t.FieldIndex(field)] = v }
	id, now := lineage.NewV7(), time.Now().UnixMicro()
	set("id", runtime.GUID(id).Value())
	set("created", runtime.IntValue(now))
	set("updated", runtime.IntValue(now))
	set("revision", runtime.IntValue(1))
	set("number", runtime.StrValue(fmt.Sprintf("%s-%d", tag, n)))
	set("customer", customer(n).Value())
	set("placed", runtime.StrValue(fmt.Sprintf("2026-11-%02d", 1+n%28)))
	for field, value := range map[string]string{
		"currency": "EUR", "status": "open", "tax": "12.50", "total": "110.95", "tags": `["gift","fragile"]`,
		"ship_to": `{"city":"London","country":"GB","name":"Ada Lovelace","street":"12 St James's Square","zip":"SW1Y 4JH"}`,
		"note":    "Please leave it with the neighbours, they are at home all day.",
	} {
		set(field, runtime.StrValue(value))
	}
	return runtime.Insert{RequestKey: runtime.RequestKey{Key: fmt.Sprintf("%s-%d", tag, n), Hash: id}, Row: row}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func portionOf(ids []runtime.GUID, n uint64, size int) []runtime.GUID {
	out := make([]runtime.GUID, size)
	for i := range out {
		out[i] = ids[(n*uint64(size)+uint64(i))%uint64(len(ids))]
	}
	return out
}

func got(n, want int, err error) error {
	if err == nil && n != want {
		return fmt.Errorf("%d records instead of %d", n, want)
	}
	return err
}

// findOne is the limit of the document store's driver.
func findOne(c *mongo.Collection, ids []runtime.GUID) *Contestant {
	return direct("direct-find", "FindOne by _id through the driver, 16 at a time, no broker", connections, 1,
		func(ctx context.Context, n uint64) error {
			id := ids[n%uint64(len(ids))]
			return c.FindOne(ctx, bson.D{{Key: "_id", Value: id.String()}}).Err()
		})
}

// fsync says how durable a commit of MariaDB is.
func (e *Env) fsync(ctx context.Context) (string, error) {
	db, err := sql.Open("mysql", e.MariaDB)
	if err != nil {
		return "", err
	}
	defer db.Close()
	var flush, sync, binlog string
	err = db.QueryRowContext(ctx, "SELECT @@innodb_flush_log_at_trx_commit, @@sync_binlog, @@log_bin").Scan(&flush, &sync, &binlog)
	return fmt.Sprintf("innodb_flush_log_at_trx_commit=%s, sync_binlog=%s, log_bin=%s", flush, sync, strings.ToLower(binlog)), err
}

// setFlush changes the server's setting; the servers are private.
func (e *Env) setFlush(ctx context.Context, value int) error {
	db, err := sql.Open("mysql", e.MariaDB)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, fmt.Sprintf("SET GLOBAL innodb_flush_log_at_trx_commit = %d", value))
	return err
}
