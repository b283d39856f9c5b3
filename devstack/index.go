package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// indexes makes FerretDB's index of _id one that SQLite uses.
//
// FerretDB 1.24 builds the index over _ferretdb_sjson->"_id" and asks for _ferretdb_sjson->'$._id'. Both mean the same
// value, but SQLite matches the expressions letter by letter, so every read, update and delete by _id went through
// the whole table. Each such index is replaced by one of the same name and the same uniqueness over the expression
// that is asked for: FerretDB finds nothing changed, and its drops, renames and restarts go on as they did.
type indexes struct {
	log *slog.Logger

	mu      sync.Mutex         // held while a database is open here and while one is dropped
	known   map[namespace]bool // the collections whose index serves, since the last drop or rename
	givenUp map[string]bool    // the databases given up
	once    sync.Once          // for the one report of that
}

type namespace struct{ database, collection string }

func newIndexes(log *slog.Logger) *indexes {
	return &indexes{log: log, known: map[namespace]bool{}, givenUp: map[string]bool{}}
}

const (
	builtOver = `(_ferretdb_sjson->"_id")`
	askedFor  = `(_ferretdb_sjson->'$._id')`
)

// databaseName is FerretDB's own rule; it keeps a database's file in the data folder.
var databaseName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,63}$`)

// mendAll looks at every database in the data folder, which nobody else may have open.
func (x *indexes) mendAll(ctx context.Context) {
	files, _ := filepath.Glob("*.sqlite") // fails only for a malformed pattern
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, file := range files {
		x.mend(ctx, strings.TrimSuffix(file, ".sqlite"))
	}
}

// exchange runs a command and mends what it made, before its client hears of it.
func (x *indexes) exchange(ctx context.Context, request []byte, run func() error) error {
	name, collection, body := command(request)
	switch string(name) {
	case "create", "insert", "update", "findAndModify", "findandmodify", "createIndexes":
		err := run()
		if err == nil {
			x.made(ctx, body, collection)
		}
		return err
	case "dropDatabase":
		// FerretDB deletes the database's file but relies on being the last to close it for the log beside it.
		x.mu.Lock()
		defer x.mu.Unlock()
		defer clear(x.known)
		return run()
	case "drop", "renameCollection":
		defer x.forget()
	}
	return run()
}

func (x *indexes) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.known)
}

// made looks at the database of a collection that may be new.
func (x *indexes) made(ctx context.Context, body, collection []byte) {
	database, _ := bson.Raw(body).Lookup("$db").StringValueOK()
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.known[namespace{database, string(collection)}] {
		x.mend(ctx, database)
	}
}

// mend replaces the indexes of one database. What it can't replace costs speed only: that is reported once, and the
// database is left as it is.
func (x *indexes) mend(ctx context.Context, database string) {
	if x.givenUp[database] || !databaseName.MatchString(database) {
		return
	}
	collections, err := mendFile(ctx, database+".sqlite")
	for _, collection := range collections {
		x.known[namespace{database, collection}] = true
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	x.givenUp[database] = true
	x.once.Do(func() {
		x.log.Error("Commands by _id will be slow: FerretDB's indexes of _id can't be replaced. This is reported once.",
			slog.String("database", database), slog.Any("error", err))
	})
}

// mendFile returns the collections whose index of _id serves.
func mendFile(ctx context.Context, file string) (collections []string, err error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil, nil // the command was refused
	}
	// mode=rw makes no file where FerretDB has just dropped one. FerretDB brings and registers the driver.
	db, err := sql.Open("sqlite", "file:"+file+"?mode=rw&_txlock=immediate&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	tx, err := db.BeginTx(ctx, nil) // nobody else writes from here on
	if err != nil {
		return nil, err
	}
	defer tx.Rollback()
	found, err := findIndexes(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, index := range found {
		if index.stale {
			replace := fmt.Sprintf("DROP INDEX %s; CREATE UNIQUE INDEX %[1]s ON %s %s", quoted(index.name), quoted(index.table), askedFor)
			if _, err := tx.ExecContext(ctx, replace); err != nil {
				return nil, fmt.Errorf("index %s: %w", index.name, err)
			}
		}
		collections = append(collections, index.collection)
	}
	return collections, tx.Commit()
}

type index struct {
	collection, table, name string
	stale                   bool
}

// findIndexes finds the index of _id of each collection. One of neither kind is an error: it is of another FerretDB
// than this was written for.
func findIndexes(ctx context.Context, tx *sql.Tx) ([]index, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT c.name, i.tbl_name, i.name, i.sql FROM _ferretdb_collections c
		JOIN sqlite_master i ON i.type = 'index' AND i.tbl_name = c.table_name AND i.name = c.table_name || '__id_'`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []index
	for rows.Next() {
		var i index
		var statement string
		if err := rows.Scan(&i.collection, &i.table, &i.name, &statement); err != nil {
			return nil, err
		}
		i.stale = strings.HasSuffix(statement, " "+builtOver)
		if !strings.HasPrefix(statement, "CREATE UNIQUE INDEX ") || !i.stale && !strings.HasSuffix(statement, " "+askedFor) {
			return nil, fmt.Errorf("not as FerretDB 1.24 makes it: %s", statement)
		}
		found = append(found, i)
	}
	return found, rows.Err()
}

// quoted is an SQL identifier.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
