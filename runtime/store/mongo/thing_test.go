package mongo

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// testURI is the server's address. There is no test without a server.
func testURI(t testing.TB) string {
	t.Helper()
	uri := os.Getenv("BEDS_TEST_MONGODB_URI")
	if uri == "" {
		t.Fatal("BEDS_TEST_MONGODB_URI is not set; run `make test` or `scripts/with-servers go test ./…`, which start the servers")
	}
	return uri
}

// openTest opens a store on a database of its own with the test collections
// installed, and drops the database in the end.
func openTest(t testing.TB) *Store {
	t.Helper()
	s := openEmpty(t)
	if _, err := s.Install(t.Context(), os.DirFS("testdata/sql")); err != nil {
		t.Fatal(err)
	}
	return s
}

func openEmpty(t testing.TB) *Store {
	t.Helper()
	name := fmt.Sprintf("beds_test_%d_%d", os.Getpid(), databases.Add(1))
	s := openAs(t, name)
	t.Cleanup(func() {
		ctx := context.Background()
		if err := s.db.Drop(ctx); err != nil {
			t.Error(err)
		}
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openAs(t testing.TB, database string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Config{URI: testURI(t), Database: database, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// second opens another store on the same database: another node.
func second(t testing.TB, s *Store) *Store {
	t.Helper()
	other := openAs(t, s.db.Name())
	t.Cleanup(func() {
		if err := other.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return other
}

var databases atomic.Int64

// Fields of thing, by position.
const (
	amount = iota + beds.FieldDeleted + 1
	blob
	born
	code
	color
	expires
	flag
	free_
	long
	name
	number_
	owner
	place
	ratio
	secret
	seen
	tags
	weights
)

// thing is testdata/recs/thing_rec.toml.
var thing = prepared(&beds.Template{
	Name: "thing", Class: "Thing", Collection: "msThing", Family: beds.Rec, Version: 2, Fingerprint: fingerprintOf("msThing"),
	Behaviour: beds.Behaviour{Updates: true, Deletes: beds.DeletesSoft, MaxBatch: 256, MaxLimit: 1000, AdHoc: true},
	Fields: append(systemFields(true),
		field("amount", beds.Type{Kind: beds.Decimal, Precision: 34, Scale: 4}),
		field("blob", beds.Type{Kind: beds.Binary, Max: 1 << 20}),
		field("born", beds.Type{Kind: beds.Date}),
		required("code", beds.Type{Kind: beds.String, Max: 40}),
		field("color", beds.Type{Kind: beds.Enum, Values: []string{"red", "green"}}),
		required("expires", beds.Type{Kind: beds.Timestamp}),
		field("flag", beds.Type{Kind: beds.Boolean}),
		field("free", beds.Type{Kind: beds.Object}),
		field("long", beds.Type{Kind: beds.Text, Max: 2 << 20}),
		field("name", beds.Type{Kind: beds.String, Max: 100}),
		field("number", beds.Type{Kind: beds.Integer}),
		field("owner", beds.Type{Kind: beds.GUIDKind}),
		field("place", beds.Type{Kind: beds.Object, Fields: []beds.SubField{
			{Name: "city", Type: beds.Type{Kind: beds.String, Max: 40}, Required: true},
			{Name: "inner", Type: beds.Type{Kind: beds.Object, Fields: []beds.SubField{
				{Name: "n", Type: beds.Type{Kind: beds.Integer}},
				{Name: "who", Type: beds.Type{Kind: beds.GUIDKind}},
			}}},
			{Name: "price", Type: beds.Type{Kind: beds.Decimal, Precision: 6, Scale: 2}},
			{Name: "since", Type: beds.Type{Kind: beds.Timestamp}},
		}}),
		field("ratio", beds.Type{Kind: beds.Float}),
		secretField("secret", beds.Type{Kind: beds.String, Max: 20}),
		field("seen", beds.Type{Kind: beds.Timestamp}),
		field("tags", beds.Type{Kind: beds.Array, Max: 1000, Elem: &beds.Type{Kind: beds.String, Max: 20}}),
		field("weights", beds.Type{Kind: beds.Array, Max: 1000, Elem: &beds.Type{Kind: beds.Decimal, Precision: 6, Scale: 3}}),
	),
	Indexes: []beds.Index{
		{Name: "id", Keys: []beds.Key{{Field: beds.FieldID}}, Unique: true},
		{Name: "amount", Keys: []beds.Key{{Field: amount, Desc: true}}},
		{Name: "born", Keys: []beds.Key{{Field: born}}},
		{Name: "code", Keys: []beds.Key{{Field: code}}, Unique: true},
		{Name: "color_number", Keys: []beds.Key{{Field: color}, {Field: number_, Desc: true}}},
		{Name: "expires", Keys: []beds.Key{{Field: expires}}, TTL: 24000 * 24 * time.Hour},
		{Name: "flag", Keys: []beds.Key{{Field: flag}}},
		{Name: "name", Keys: []beds.Key{{Field: name}}},
		{Name: "number", Keys: []beds.Key{{Field: number_}}},
		{Name: "owner", Keys: []beds.Key{{Field: owner}}},
		{Name: "ratio", Keys: []beds.Key{{Field: ratio}}},
		{Name: "red_seen", Keys: []beds.Key{{Field: seen}}, Where: []beds.Condition{{Field: color, Op: beds.Eq, Values: []string{"red"}}}},
	},
	Queries: []beds.Query{{
		Name: "some",
		Params: []beds.Param{
			{Name: "codes", Type: beds.Type{Kind: beds.Array, Elem: &beds.Type{Kind: beds.String, Max: 40}}},
			{Name: "least", Type: beds.Type{Kind: beds.Integer}},
		},
		Where: []beds.Condition{
			{Field: code, Op: beds.In, Param: 1},
			{Field: color, Op: beds.Ne, Values: []string{"red"}},
			{Field: number_, Op: beds.Gte, Param: 2},
		},
		Sort:  []beds.Key{{Field: number_, Desc: true}, {Field: beds.FieldID}},
		Limit: 100,
	}},
})

// note is testdata/recs/note_rec.toml.
var note = prepared(&beds.Template{
	Name: "note", Class: "Note", Collection: "msNote", Family: beds.Rec, Version: 1, Fingerprint: fingerprintOf("msNote"),
	Behaviour: beds.Behaviour{Updates: true, Deletes: beds.DeletesHard, MaxBatch: 256, MaxLimit: 1000},
	Fields:    append(systemFields(false), required("text", beds.Type{Kind: beds.String, Max: 100})),
	Indexes: []beds.Index{
		{Name: "id", Keys: []beds.Key{{Field: beds.FieldID}}, Unique: true},
		{Name: "text", Keys: []beds.Key{{Field: noteText}}, Unique: true},
	},
})

const noteText = beds.FieldDeleted // the first field where deletes are hard

func systemFields(soft bool) []beds.Field {
	fields := []beds.Field{
		{Name: "id", Public: "id", Type: beds.Type{Kind: beds.GUIDKind}, Required: true},
		{Name: "created", Public: "created", Type: beds.Type{Kind: beds.Timestamp}, Required: true},
		{Name: "updated", Public: "updated", Type: beds.Type{Kind: beds.Timestamp}, Required: true},
		{Name: "revision", Public: "revision", Type: beds.Type{Kind: beds.Integer}, Required: true},
	}
	if soft {
		fields = append(fields, beds.Field{Name: "deleted", Public: "deleted", Type: beds.Type{Kind: beds.Timestamp}})
	}
	return fields
}

func field(public string, typ beds.Type) beds.Field {
	suffix := "_thg"
	if public == "text" {
		suffix = "_not"
	}
	return beds.Field{Name: public + suffix, Public: public, Type: typ}
}

func required(public string, typ beds.Type) beds.Field {
	f := field(public, typ)
	f.Required = true
	return f
}

func secretField(public string, typ beds.Type) beds.Field {
	f := field(public, typ)
	f.Secret = true
	return f
}

func prepared(t *beds.Template) *beds.Template {
	if err := beds.Prepare(t); err != nil {
		panic(err)
	}
	return t
}

// fingerprintOf reads what the installed file says.
func fingerprintOf(collection string) string {
	data, err := os.ReadFile("testdata/sql/" + collection + "/mongo_validator.json")
	if err != nil {
		panic(err)
	}
	cmd, err := parseCommand(data)
	if err != nil {
		panic(err)
	}
	return member(member(cmd, "comment").(bson.D), "fingerprint").(string)
}

var serial atomic.Uint64

// newID is unique and grows, as a UUIDv7 does.
func newID() (g beds.GUID) {
	binary.BigEndian.PutUint64(g[:8], uint64(time.Now().UnixMilli())<<16|0x7000)
	binary.BigEndian.PutUint64(g[8:], 1<<63|serial.Add(1))
	return g
}

func key(text string) beds.RequestKey {
	sum := sha256.Sum256([]byte(text))
	return beds.RequestKey{Key: text, Hash: [16]byte(sum[:16])}
}

func uniqueKey() beds.RequestKey { return key(fmt.Sprintf("key-%d", serial.Add(1))) }

const now = int64(1_767_225_600_123_456) // 2026-01-01T00:00:00.123456Z

// newThing is an insert with every optional field null but those that are given.
func newThing(with map[int]beds.Value) beds.Insert {
	id := newID()
	row := make(beds.Row, len(thing.Fields))
	for i := range row {
		row[i] = beds.NullValue()
	}
	row[beds.FieldID] = id.Value()
	row[beds.FieldCreated], row[beds.FieldUpdated] = beds.IntValue(now), beds.IntValue(now)
	row[beds.FieldRevision] = beds.IntValue(1)
	row[code] = beds.StrValue("c-" + id.String())
	row[expires] = beds.IntValue(now)
	for i, v := range with {
		row[i] = v
	}
	return beds.Insert{RequestKey: uniqueKey(), Row: row}
}

func newNote(text string) beds.Insert {
	row := beds.Row{newID().Value(), beds.IntValue(now), beds.IntValue(now), beds.IntValue(1), beds.StrValue(text)}
	return beds.Insert{RequestKey: uniqueKey(), Row: row}
}

// changeOf is an update of one field.
func changeOf(id beds.GUID, field int, v beds.Value) beds.Update {
	row := make(beds.Row, len(thing.Fields))
	row[field] = v
	return beds.Update{RequestKey: uniqueKey(), ID: id, Now: now + 1000, Row: row}
}

// insertAll inserts and wants every outcome to be a success.
func insertAll(t testing.TB, s *Store, tmpl *beds.Template, items ...beds.Insert) []beds.GUID {
	t.Helper()
	outcomes, err := s.Insert(t.Context(), tmpl, items, false)
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]beds.GUID, len(items))
	for i, o := range outcomes {
		if o.Code != "" {
			t.Fatalf("insert %d: %s %s", i, o.Code, o.Detail)
		}
		ids[i] = o.ID
	}
	return ids
}

// get returns the one live record of an id, or nil.
func get(t testing.TB, s *Store, tmpl *beds.Template, id beds.GUID) beds.Row {
	t.Helper()
	rows, err := s.Get(t.Context(), tmpl, []beds.GUID{id})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// together runs f n times at the same moment.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func canonical(t testing.TB, typ *beds.Type, text string) string {
	t.Helper()
	v, err := beds.ParseText(typ, text)
	if err != nil {
		t.Fatalf("%s: %v", clipped(text), err)
	}
	return v.Str
}

func clipped(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
