package main

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// searched fails the test unless SQLite finds a document of the collection through an index.
func searched(t *testing.T, c *mongo.Collection) {
	t.Helper()
	// A connection plans by the schema it knows, and only a real command makes it look for a newer one.
	if err := c.FindOne(t.Context(), bson.D{{Key: "_id", Value: "x"}}).Err(); err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		t.Fatal(err)
	}
	var plan bson.M
	find := bson.D{{Key: "find", Value: c.Name()}, {Key: "filter", Value: bson.D{{Key: "_id", Value: "x"}}}}
	if err := c.Database().RunCommand(t.Context(), bson.D{{Key: "explain", Value: find}}).Decode(&plan); err != nil {
		t.Fatal(err)
	}
	if says := fmt.Sprint(plan["queryPlanner"]); !strings.Contains(says, "SEARCH") {
		t.Errorf("%s.%s is read through: %s", c.Database().Name(), c.Name(), says)
	}
}

// Fails without indexes: FerretDB's own index serves none of its queries.
func TestCommandsByIDUseTheIndex(t *testing.T) {
	ctx := t.Context()
	client := start(t, t.TempDir())
	db := client.Database("d")
	x := bson.D{{Key: "_id", Value: "x"}}
	set := bson.D{{Key: "$set", Value: bson.D{{Key: "n", Value: 1}}}}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	insert := func(c *mongo.Collection) {
		t.Helper()
		_, err := c.InsertOne(ctx, x)
		must(err)
		searched(t, c)
		if _, err := c.InsertOne(ctx, x); !mongo.IsDuplicateKeyError(err) {
			t.Errorf("the same _id again in %s: %v", c.Name(), err)
		}
	}

	insert(db.Collection("inserted"))
	insert(db.Collection("it's. Ü-%41"))
	must(db.CreateCollection(ctx, "created"))
	searched(t, db.Collection("created"))
	_, err := db.Collection("updated").UpdateOne(ctx, x, set, options.UpdateOne().SetUpsert(true))
	must(err)
	searched(t, db.Collection("updated"))
	must(db.Collection("modified").FindOneAndUpdate(ctx, x, set,
		options.FindOneAndUpdate().SetUpsert(true).SetReturnDocument(options.After)).Err())
	searched(t, db.Collection("modified"))
	_, err = db.Collection("indexed").Indexes().CreateOne(ctx, mongo.IndexModel{Keys: bson.D{{Key: "n", Value: 1}}})
	must(err)
	searched(t, db.Collection("indexed"))

	c := db.Collection("inserted")
	must(c.Drop(ctx))
	insert(c)
	rename := bson.D{{Key: "renameCollection", Value: "d.inserted"}, {Key: "to", Value: "d.renamed"}}
	must(client.Database("admin").RunCommand(ctx, rename).Err())
	searched(t, db.Collection("renamed"))
	insert(c)
	for range 3 {
		must(db.Drop(ctx))
		insert(c)
	}
	must(c.Drop(ctx))
	parallel(func() {
		one := client.Database("d").Collection("inserted")
		for i := range 10 {
			if _, err := one.InsertOne(ctx, bson.D{{Key: "n", Value: i}}); err != nil {
				t.Error(err)
			}
		}
	})
	searched(t, c)
}

// alter runs SQL on a database that no server has open.
func alter(t *testing.T, file, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+file+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

func TestIndexesOfEarlierData(t *testing.T) {
	ctx, folder := t.Context(), t.TempDir()
	const table = "c_e60c2c52" // FerretDB's name for c
	replace := `DROP INDEX "` + table + `__id_"; CREATE %s INDEX "` + table + `__id_" ON "` + table + `" (_ferretdb_sjson->%s)`
	file := filepath.Join(folder, "d.sqlite")
	t.Run("write", func(t *testing.T) {
		if _, err := start(t, folder).Database("d").Collection("c").InsertOne(ctx, bson.M{"_id": "x"}); err != nil {
			t.Fatal(err)
		}
	})
	alter(t, file, fmt.Sprintf(replace, "UNIQUE", `"_id"`)) // as FerretDB alone makes it
	t.Run("read", func(t *testing.T) {
		c := start(t, folder).Database("d").Collection("c")
		searched(t, c)
		if err := c.FindOne(ctx, bson.M{"_id": "x"}).Err(); err != nil {
			t.Error(err)
		}
	})
	t.Run("unknown kind", func(t *testing.T) {
		alter(t, file, fmt.Sprintf(replace, "", `'$.other'`))
		t.Chdir(folder)
		var log bytes.Buffer
		x := newIndexes(slog.New(slog.NewTextHandler(&log, nil)))
		x.mendAll(ctx)
		x.mendAll(ctx)
		if n := strings.Count(log.String(), "can't be replaced"); n != 1 {
			t.Errorf("reported %d times: %s", n, log.String())
		}
	})
	t.Run("serves nevertheless", func(t *testing.T) {
		c := start(t, folder).Database("d").Collection("c")
		if _, err := c.InsertOne(ctx, bson.M{"_id": "y"}); err != nil {
			t.Error(err)
		}
	})
}

// BenchmarkCommands times single commands on a collection of 5,000 documents:
//
//	go test -tags ferretdb_no_postgresql -run '^$' -bench Commands
func BenchmarkCommands(b *testing.B) {
	const documents = 5000
	ctx := b.Context()
	c := start(b, b.TempDir()).Database("d").Collection("c")
	document := func(i int) bson.D {
		return bson.D{{Key: "_id", Value: fmt.Sprintf("id-%06d", i)}, {Key: "n", Value: int64(i)},
			{Key: "status", Value: "open"}, {Key: "text", Value: strings.Repeat("x", 300)}}
	}
	index := mongo.IndexModel{Keys: bson.D{{Key: "status", Value: 1}}}
	if _, err := c.Indexes().CreateOne(ctx, index); err != nil {
		b.Fatal(err)
	}
	for i := 0; i < documents; i += 100 {
		var batch []bson.D
		for j := range 100 {
			batch = append(batch, document(i+j))
		}
		if _, err := c.InsertMany(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	byID := func(i int) bson.D { return document(i * 7919 % documents)[:1] }
	increment := bson.D{{Key: "$inc", Value: bson.D{{Key: "n", Value: int64(1)}}}}
	for _, command := range []struct {
		name string
		do   func(i int) error
	}{
		{"get", func(i int) error { return c.FindOne(ctx, byID(i)).Err() }},
		{"update", func(i int) error { _, err := c.UpdateOne(ctx, byID(i), increment); return err }},
		{"count", func(i int) error { _, err := c.CountDocuments(ctx, bson.D{{Key: "status", Value: "open"}}); return err }},
		{"delete", func(i int) error { _, err := c.DeleteOne(ctx, byID(i)); return err }},
		{"insert", func(i int) error { _, err := c.InsertOne(ctx, document(documents+i)); return err }},
	} {
		var count atomic.Int64 // counts on over the calls that testing makes to find b.N
		b.Run(command.name, func(b *testing.B) {
			for b.Loop() {
				if err := command.do(int(count.Add(1))); err != nil {
					b.Fatal(err)
				}
			}
		})
		if command.name == "delete" {
			continue
		}
		b.Run(command.name+"-parallel", func(b *testing.B) {
			b.SetParallelism(8)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := command.do(int(count.Add(1))); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
