package peer

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	_ "github.com/go-sql-driver/mysql" // the database

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
)

// Orders is the service for orders that a good developer writes by hand in an afternoon: it does to the table msOrder
// what BEDS does, the idempotency record of a write included, with a prepared statement for each step.
type Orders struct {
	db                    *sql.DB
	get, remember, insert *sql.Stmt
}

// connections are as many as a node has by default.
const connections = 16

// OpenOrders connects and prepares.
func OpenOrders(ctx context.Context, dsn string) (*Orders, error) {
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	o := &Orders{db: db}
	for _, p := range []struct {
		stmt **sql.Stmt
		text string
	}{{&o.get, selectOrder}, {&o.remember, insertRequest}, {&o.insert, insertOrder}} {
		if *p.stmt, err = db.PrepareContext(ctx, p.text); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return o, nil
}

// Close closes the connections.
func (o *Orders) Close() error { return o.db.Close() }

const columns = `currency_ord, customer_ord, internal_score_ord, meta_ord, note_ord, number_ord, paid_at_ord,
	placed_ord, ship_to_ord, status_ord, tags_ord, tax_ord, total_ord`

const (
	selectOrder   = `SELECT created, updated, revision, ` + columns + ` FROM msOrder WHERE id = ? AND deleted IS NULL`
	insertRequest = `INSERT INTO beds_requests (collection, request_key, request_hash, id, created, updated, revision, stored)
		VALUES ('msOrder', ?, ?, ?, ?, ?, 1, UTC_TIMESTAMP(6))`
	insertOrder = `INSERT INTO msOrder (id, created, updated, revision, ` + columns + `)
		VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// order is the record in JSON.
type order struct {
	ID       string          `json:"id,omitempty"`
	Created  string          `json:"created,omitempty"`
	Updated  string          `json:"updated,omitempty"`
	Revision int64           `json:"revision,omitempty"`
	Currency string          `json:"currency"`
	Customer string          `json:"customer"`
	Score    *int64          `json:"internal_score,omitempty"`
	Meta     json.RawMessage `json:"meta,omitempty"`
	Note     *string         `json:"note"`
	Number   string          `json:"number"`
	PaidAt   *string         `json:"paid_at,omitempty"`
	Placed   string          `json:"placed"`
	ShipTo   json.RawMessage `json:"ship_to"`
	Status   string          `json:"status"`
	Tags     json.RawMessage `json:"tags"`
	Tax      string          `json:"tax"`
	Total    string          `json:"total"`
}

type request struct {
	EventID string `json:"event_id"`
	Key     string `json:"key"`
	Data    order  `json:"data"`
}

type reply struct {
	V       int     `json:"v"`
	EventID string  `json:"event_id"`
	Status  string  `json:"status"`
	Data    []order `json:"data"`
	Error   string  `json:"error,omitempty"`
}

// Handle is the service's Handler.
func (o *Orders) Handle(ctx context.Context, kind string, body []byte) []byte {
	var req request
	rep := reply{V: 1, Status: "ok"}
	err := json.Unmarshal(body, &req)
	if err == nil {
		rep.EventID = req.EventID
		if kind == "write" {
			rep.Data, err = o.Write(ctx, &req)
		} else {
			rep.Data, err = o.Get(ctx, req.Data.ID)
		}
	}
	if err != nil {
		rep.Status, rep.Error = "error", err.Error()
	}
	out, err := json.Marshal(&rep)
	if err != nil {
		return []byte(`{"v":1,"status":"error"}`)
	}
	return out
}

// Get reads one order.
func (o *Orders) Get(ctx context.Context, id string) ([]order, error) {
	key, err := runtime.ParseGUID(id)
	if err != nil {
		return nil, err
	}
	r := order{ID: id}
	var customer []byte
	err = o.get.QueryRowContext(ctx, key[:]).Scan(&r.Created, &r.Updated, &r.Revision, &r.Currency, &customer, &r.Score,
		(*[]byte)(&r.Meta), &r.Note, &r.Number, &r.PaidAt, &r.Placed, (*[]byte)(&r.ShipTo), &r.Status, (*[]byte)(&r.Tags), &r.Tax, &r.Total)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	r.Customer = runtime.GUIDOf(runtime.StrValue(string(customer))).String()
	return []order{r}, err
}

// Write stores an order and the record of its request in one transaction.
func (o *Orders) Write(ctx context.Context, req *request) ([]order, error) {
	d := &req.Data
	if err := d.check(); err != nil {
		return nil, err
	}
	customer, err := runtime.ParseGUID(d.Customer)
	if err != nil {
		return nil, err
	}
	id := lineage.NewV7()
	now := time.Now().UTC().Format("2006-01-02 15:04:05.000000")
	text, _ := json.Marshal(d)
	hash := sha256.Sum256(text)
	tx, err := o.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // nothing to undo after the commit
	if _, err := tx.StmtContext(ctx, o.remember).ExecContext(ctx, req.Key, hash[:16], id[:], now, now); err != nil {
		return nil, err
	}
	if _, err := tx.StmtContext(ctx, o.insert).ExecContext(ctx, id[:], now, now, d.Currency, customer[:], d.Score, d.Meta, d.Note,
		d.Number, d.PaidAt, d.Placed, d.ShipTo, d.Status, d.Tags, d.Tax, d.Total); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	return []order{{ID: runtime.GUID(id).String(), Created: now, Updated: now, Revision: 1}}, nil
}

// check is the validation that such services have: required fields and defaults.
func (d *order) check() error {
	for _, f := range []struct {
		value  *string
		preset string
	}{{&d.Currency, "EUR"}, {&d.Status, "open"}, {&d.Tax, "0.00"}} {
		if *f.value == "" {
			*f.value = f.preset
		}
	}
	if d.Number == "" || d.Customer == "" || d.Placed == "" || d.Total == "" {
		return fmt.Errorf("number, customer, placed and total are required")
	}
	if !strings.Contains("open paid shipped cancelled", d.Status) {
		return fmt.Errorf("status %q is unknown", hex.EncodeToString([]byte(d.Status)))
	}
	return nil
}
