package check

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/beds-project/beds/devstack/faults/stack"
)

// A Row is one record as a store holds it.
type Row struct {
	Revision int64
	Mark     string // key of the write or update that came last
	Deleted  bool
}

// Stores is a scan of both databases for one case.
type Stores struct {
	Orders    map[string][]Row // MariaDB, by name
	Documents map[string][]Row // MongoDB, by name
	// Effects counts what the witness of MariaDB saw, by the key that caused it.
	Effects map[string]int
}

// Scan reads both databases directly. group is the case's GUID in hexadecimal digits.
func Scan(ctx context.Context, db *stack.Databases, name, group string) (Stores, error) {
	s := Stores{Orders: map[string][]Row{}, Documents: map[string][]Row{}, Effects: map[string]int{}}
	if err := s.orders(ctx, db.Maria, group); err != nil {
		return s, fmt.Errorf("scan of MariaDB: %w", err)
	}
	if err := s.effects(ctx, db.Maria, group); err != nil {
		return s, fmt.Errorf("scan of MariaDB: %w", err)
	}
	if err := s.documents(ctx, db.Mongo, name); err != nil {
		return s, fmt.Errorf("scan of MongoDB: %w", err)
	}
	return s, nil
}

func (s *Stores) orders(ctx context.Context, db *sql.DB, group string) error {
	rows, err := db.QueryContext(ctx, `SELECT number_ord, revision, COALESCE(note_ord, ''), deleted IS NOT NULL
		FROM msOrder WHERE customer_ord = UNHEX(?)`, group)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var r Row
		if err := rows.Scan(&name, &r.Revision, &r.Mark, &r.Deleted); err != nil {
			return err
		}
		s.Orders[name] = append(s.Orders[name], r)
	}
	return rows.Err()
}

func (s *Stores) effects(ctx context.Context, db *sql.DB, group string) error {
	rows, err := db.QueryContext(ctx, `SELECT number, kind, mark, revision FROM faults_effects WHERE customer = UNHEX(?)`, group)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name, kind, mark string
		var revision int64
		if err := rows.Scan(&name, &kind, &mark, &revision); err != nil {
			return err
		}
		if kind == "delete" {
			mark = fmt.Sprintf("%s.d%d", name, revision-1)
		}
		s.Effects[mark]++
	}
	return rows.Err()
}

func (s *Stores) documents(ctx context.Context, db *mongo.Database, name string) error {
	fields := bson.D{{Key: "name_exm", Value: 1}, {Key: "about_exm", Value: 1}, {Key: "revision", Value: 1}, {Key: "deleted", Value: 1}}
	cursor, err := db.Collection("msExample").Find(ctx, bson.D{}, options.Find().SetProjection(fields))
	if err != nil {
		return err
	}
	defer cursor.Close(ctx)
	for cursor.Next(ctx) {
		record, _ := cursor.Current.Lookup("name_exm").StringValueOK()
		if !strings.HasPrefix(record, name+"-") {
			continue
		}
		var r Row
		r.Mark, _ = cursor.Current.Lookup("about_exm").StringValueOK()
		r.Revision, _ = cursor.Current.Lookup("revision").AsInt64OK()
		deleted := cursor.Current.Lookup("deleted")
		r.Deleted = deleted.Type != 0 && deleted.Type != bson.TypeNull
		s.Documents[record] = append(s.Documents[record], r)
	}
	return cursor.Err()
}

// applied is how often an operation took effect. Reads always did.
func (s *Stores) applied(o *operation) int {
	switch {
	case o.op == "fetch":
		if o.acknowledged {
			return 1
		}
		return 0
	case o.template == "order":
		return s.inMaria(o)
	}
	return s.inMongo(o)
}

// inMaria trusts the witness, and the row where that contradicts it.
func (s *Stores) inMaria(o *operation) int {
	rows := s.Orders[o.name]
	if len(rows) > 1 {
		return len(rows)
	}
	if len(rows) == 0 || rows[0].Revision <= o.base || !shows(&rows[0], o) {
		return 0
	}
	return s.Effects[o.key]
}

// inMongo goes by the revision: a record's changes are made one after the other, so
// the one based on revision n is in the record exactly if that is beyond n.
func (s *Stores) inMongo(o *operation) int {
	rows := s.Documents[o.name]
	if len(rows) > 1 {
		return len(rows)
	}
	if len(rows) == 0 || rows[0].Revision <= o.base || !shows(&rows[0], o) {
		return 0
	}
	return 1
}

// shows says whether a record whose last change was o looks like it.
func shows(r *Row, o *operation) bool {
	switch {
	case r.Revision != o.base+1:
		return true // a later change covers it
	case o.op == "delete":
		return r.Deleted
	}
	return r.Mark == o.key
}

func (s *Stores) describe(o *operation) string {
	rows := s.Documents[o.name]
	if o.template == "order" {
		rows = s.Orders[o.name]
	}
	if len(rows) == 0 {
		return "the record is not there"
	}
	return fmt.Sprintf("the record has revision %d of %q (deleted: %t)", rows[0].Revision, rows[0].Mark, rows[0].Deleted)
}

// marks are the keys whose effects are in the stores.
func (s *Stores) marks() []string {
	var keys []string
	for key := range s.Effects {
		keys = append(keys, key)
	}
	for _, rows := range s.Orders {
		for _, r := range rows {
			keys = append(keys, r.Mark)
		}
	}
	for _, rows := range s.Documents {
		for _, r := range rows {
			keys = append(keys, r.Mark)
		}
	}
	return keys
}
