package mongo

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"sync"
	"time"

	beds "github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Config says where the server is and how it is used.
type Config struct {
	URI      string // mongodb://host:port/ or mongodb+srv://…
	User     string // empty: as the URI says
	Password string
	TLS      *tls.Config // nil: as the URI says
	Database string
	// MaxConns bounds the connections to each server of the deployment; 0 means 16.
	MaxConns int
	// Timeout bounds each command whose context has no deadline; 0 means 10 s.
	Timeout time.Duration
	Logger  *slog.Logger // nil discards
}

// Defaults of Config.
const (
	defaultMaxConns = 16
	defaultTimeout  = 10 * time.Second
	// concurrency bounds the commands that one call of the store has under way
	// where each record needs a command of its own.
	concurrency = 8
)

// A Store keeps records in one database. It is safe for concurrent use.
type Store struct {
	client   *driver.Client
	db       *driver.Database
	timeout  time.Duration
	log      *slog.Logger
	ferretDB bool     // only {_id: string} is left to the database, see doc.go
	locked   bool     // changes are not atomic: take a lock for each record
	writers  queue    // of write commands
	plans    sync.Map // *beds.Template to *plan
	stripes  stripes
	known    known
}

var _ beds.Store = (*Store)(nil)

// Open connects, and asks the server what it is.
func Open(ctx context.Context, c Config) (*Store, error) {
	if c.MaxConns <= 0 {
		c.MaxConns = defaultMaxConns
	}
	if c.Timeout <= 0 {
		c.Timeout = defaultTimeout
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Database == "" {
		return nil, envelope.Errorf(envelope.Internal, "the configuration names no MongoDB database")
	}
	client, err := driver.Connect(clientOptions(&c))
	if err != nil {
		return nil, envelope.Wrap(envelope.Internal, err, "the MongoDB settings are not usable: check uri, user, password and tls")
	}
	s := &Store{client: client, db: client.Database(c.Database), timeout: c.Timeout, log: c.Logger, stripes: newStripes()}
	if err := s.identify(ctx); err != nil {
		return nil, errors.Join(err, client.Disconnect(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func clientOptions(c *Config) *options.ClientOptions {
	o := options.Client().
		ApplyURI(c.URI).
		SetAppName("beds").
		SetTimeout(c.Timeout).
		SetMaxPoolSize(uint64(c.MaxConns))
	if c.User != "" {
		auth := options.Credential{Username: c.User, Password: c.Password}
		if o.Auth != nil { // the URI may name the mechanism and the source
			auth.AuthMechanism, auth.AuthSource = o.Auth.AuthMechanism, o.Auth.AuthSource
		}
		o.SetAuth(auth)
	}
	if c.TLS != nil {
		o.SetTLSConfig(c.TLS)
	}
	return o
}

// identify finds out whether the server is FerretDB.
func (s *Store) identify(ctx context.Context) error {
	// The driver would look for a server that is not there for half a minute.
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	w := newWriter(32)
	root := w.open()
	w.int32("buildInfo", 1)
	w.close(root)
	reply, err := s.read(ctx, w.b)
	if err != nil {
		return err
	}
	_, err = bson.Raw(reply).LookupErr("ferretdbVersion")
	s.ferretDB = err == nil
	s.locked = s.ferretDB
	if s.ferretDB {
		s.writers = make(queue, 1)
	}
	return nil
}

// Name is "mongodb".
func (s *Store) Name() string { return "mongodb" }

// Ping makes one round trip.
func (s *Store) Ping(ctx context.Context) error {
	w := newWriter(32)
	root := w.open()
	w.int32("ping", 1)
	w.close(root)
	_, err := s.read(ctx, w.b)
	return err
}

// Close ends the connections. Calls under way fail.
func (s *Store) Close(ctx context.Context) error { return s.client.Disconnect(ctx) }

// Object is not offered: MongoDB has no procedures that a DBA owns.
func (s *Store) Object(context.Context, *beds.Template, string, []byte) ([]byte, error) {
	return nil, envelope.Errorf(envelope.Unsupported, "objects are procedures of MariaDB; the document store has none")
}

// A queue lets as many in at the same time as it has room for; a nil one lets in
// all. SQLite, under FerretDB, has one writer at a time and makes the others sleep
// for up to 100 ms between attempts: here they wait for each other instead.
type queue chan struct{}

// enter is false where the context ended first.
func (q queue) enter(ctx context.Context) bool {
	if q == nil {
		return ctx.Err() == nil
	}
	select {
	case q <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (q queue) leave() {
	if q != nil {
		<-q
	}
}
