package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// start runs devstack on a free port until the test ends and returns a client.
func start(t testing.TB, folder string) *mongo.Client {
	t.Helper()
	before, err := os.Getwd() // run makes the data folder the working folder
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, []string{"-listen", "127.0.0.1:0", "-state", folder}, in, io.Discard)
		in.CloseWithError(fmt.Errorf("devstack ended: %w", err))
		ended <- err
	}()
	stop := func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("devstack ended with: %v", err)
		}
		if err := os.Chdir(before); err != nil {
			t.Error(err)
		}
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	client, err := mongo.Connect(options.Client().ApplyURI(strings.TrimSpace(strings.TrimPrefix(line, "devstack: ready on "))).SetTimeout(20 * time.Second))
	if err != nil {
		stop()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Disconnect(context.Background())
		stop()
	})
	return client
}

// parallel runs f from 32 goroutines.
func parallel(f func()) {
	var all sync.WaitGroup
	for range 32 {
		all.Go(f)
	}
	all.Wait()
}

// Fails without the gate: FerretDB loses all but a few of these.
func TestUpdatesAreAtomic(t *testing.T) {
	ctx := t.Context()
	c := start(t, t.TempDir()).Database("test").Collection("counter")
	if _, err := c.InsertOne(ctx, bson.M{"_id": "x", "n": int64(0), "seen": bson.A{}}); err != nil {
		t.Fatal(err)
	}
	parallel(func() {
		for range 10 {
			if _, err := c.UpdateOne(ctx, bson.M{"_id": "x"}, bson.M{"$inc": bson.M{"n": int64(1)}}); err != nil {
				t.Error(err)
			}
			if err := c.FindOneAndUpdate(ctx, bson.M{"_id": "x"}, bson.M{"$inc": bson.M{"n": int64(1)}}).Err(); err != nil {
				t.Error(err)
			}
		}
	})
	var winners sync.Map
	parallel(func() {
		for event := range 10 {
			guard := bson.M{"_id": "x", "seen": bson.M{"$ne": event}}
			r, err := c.UpdateOne(ctx, guard, bson.M{"$push": bson.M{"seen": event}, "$inc": bson.M{"events": int64(1)}})
			if err != nil {
				t.Error(err)
			} else if r.MatchedCount == 1 {
				if _, twice := winners.LoadOrStore(event, true); twice {
					t.Errorf("event %d was applied twice", event)
				}
			}
		}
	})
	var got struct{ N, Events int64 }
	if err := c.FindOne(ctx, bson.M{"_id": "x"}).Decode(&got); err != nil {
		t.Fatal(err)
	}
	if got.N != 640 || got.Events != 10 {
		t.Errorf("640 increments and 10 events left n=%d and events=%d", got.N, got.Events)
	}
}

// FerretDB answers commands that ask for no answer, which puts every later answer one step behind.
func TestUnacknowledgedWritesKeepTheConnectionInStep(t *testing.T) {
	ctx := t.Context()
	db := start(t, t.TempDir()).Database("test")
	silent := db.Collection("c", options.Collection().SetWriteConcern(writeconcern.Unacknowledged()))
	for i := range 5 {
		if _, err := silent.InsertOne(ctx, bson.M{"_id": i}); err != nil {
			t.Fatal(err)
		}
		if err := db.Client().Ping(ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDataSurvivesARestart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "with a space ? and # and %41")
	ctx := t.Context()
	t.Run("write", func(t *testing.T) {
		if _, err := start(t, folder).Database("d").Collection("c").InsertOne(ctx, bson.M{"_id": 1}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("read", func(t *testing.T) {
		if err := start(t, folder).Database("d").Collection("c").FindOne(ctx, bson.M{"_id": 1}).Err(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRefusedArguments(t *testing.T) {
	for _, test := range []struct {
		args []string
		says string
	}{
		{nil, "-listen 127.0.0.1:27017"},
		{[]string{"-listen", "27017"}, "not an address"},
		{[]string{"-listen", "0.0.0.0:27017"}, "use 127.0.0.1"},
		{[]string{"-listen", ":27017"}, "use 127.0.0.1"},
		{[]string{"-listen", "127.0.0.1:0"}, "-state DIR"},
		{[]string{"-listen", "127.0.0.1:0", "extra"}, "unexpected argument"},
	} {
		err := run(t.Context(), test.args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("devstack %q says %v; it should say %q", test.args, err, test.says)
		}
	}
}

// Whatever bytes come, the gate must neither panic nor read beyond them.
func FuzzChangedCollection(f *testing.F) {
	header := make([]byte, headerLen+4)
	header[12], header[13] = 0xdd, 0x07
	body, err := bson.Marshal(bson.D{{Key: "update", Value: "orders"}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(append(header, 0), body...))
	f.Fuzz(func(t *testing.T, message []byte) {
		collection, changes := changedCollection(message)
		if changes && len(collection) > len(message) {
			t.Error("a name longer than its message")
		}
		_, _, body := command(message)
		bson.Raw(body).Lookup("$db") // as indexes.made does
	})
}

func TestChangedCollection(t *testing.T) {
	message := func(flags byte, sections ...[]byte) []byte {
		m := make([]byte, headerLen+4)
		m[12], m[13], m[16] = 0xdd, 0x07, flags
		for _, s := range sections {
			m = append(m, s...)
		}
		return m
	}
	command := func(name string) []byte {
		body, err := bson.Marshal(bson.D{{Key: name, Value: "orders"}, {Key: "$db", Value: "d"}})
		if err != nil {
			t.Fatal(err)
		}
		return append([]byte{0}, body...)
	}
	sequence := []byte{1, 6, 0, 0, 0, 'u', 0}
	for _, test := range []struct {
		name    string
		message []byte
		want    bool
	}{
		{"update", message(0, command("update")), true},
		{"documents first", message(0, sequence, command("update")), true},
		{"with checksum", message(flagChecksum, command("findAndModify"), []byte{1, 2, 3, 4}), true},
		{"delete", message(0, command("delete")), true},
		{"find", message(0, command("find")), false},
		{"insert", message(0, command("insert")), false},
		{"cut off", message(0, command("update"))[:30], false},
		{"other opcode", make([]byte, 60), false},
	} {
		collection, changes := changedCollection(test.message)
		if changes != test.want || (changes && string(collection) != "orders") {
			t.Errorf("%s: %q, %v", test.name, collection, changes)
		}
	}
}
