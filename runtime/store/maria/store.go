// Package maria keeps records in MariaDB. Everything it does there is the CALL of
// a procedure that bedsgen emitted and the DBA installed, with one JSON argument;
// the account that it logs in with may do nothing else.
package maria

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-sql-driver/mysql"
)

// Config says where the database is and how much of it a node may take.
type Config struct {
	// Address is host:port, or the path of a unix socket.
	Address  string
	Database string
	User     string
	Password string
	// TLS is nil for a connection without.
	TLS *tls.Config
	// MaxConns bounds the connections; 0 is 8, which keeps two cores of a server
	// busy. Every connection holds its own copy of each procedure that it called.
	MaxConns int
	// StatementTimeout bounds a statement on the server for calls without a nearer
	// deadline; 0 is 30 seconds.
	StatementTimeout time.Duration
	// Attempts is how often a call is made that the server rolls back for another
	// transaction's sake; 0 is 5.
	Attempts int
	// DialTimeout bounds the making of a connection; 0 is 5 seconds.
	DialTimeout time.Duration
	// MaxIdle and MaxLifetime say how long a connection is kept unused and in all;
	// 0 is one minute and 30 minutes. Both are to stay below the server's wait_timeout.
	MaxIdle, MaxLifetime time.Duration
	Logger               *slog.Logger
}

// The defaults of Config.
const (
	defaultMaxConns         = 8
	defaultAttempts         = 5
	defaultStatementTimeout = 30 * time.Second
	defaultDialTimeout      = 5 * time.Second
	defaultMaxIdle          = time.Minute
	defaultMaxLifetime      = 30 * time.Minute
)

// Store implements runtime.Store. It is safe for concurrent use.
type Store struct {
	config  Config
	pool    *pool
	layouts sync.Map // *runtime.Template → *layout
	calls   atomic.Int64
	rows    atomic.Int64
	errs    atomic.Int64
	retries atomic.Int64
}

var _ runtime.Store = (*Store)(nil)

// Open makes the store and one connection, so that a wrong address or password
// shows at once.
func Open(ctx context.Context, c Config) (*Store, error) {
	c.setDefaults()
	connector, err := mysql.NewConnector(c.driverConfig())
	if err != nil {
		return nil, fmt.Errorf("mariadb: configuration: %w", err)
	}
	s := &Store{config: c, pool: newPool(connector, &c)}
	if err := s.Ping(ctx); err != nil {
		_ = s.Close(ctx)
		return nil, err
	}
	return s, nil
}

func (c *Config) setDefaults() {
	if c.MaxConns <= 0 {
		c.MaxConns = defaultMaxConns
	}
	if c.Attempts <= 0 {
		c.Attempts = defaultAttempts
	}
	for d, v := range map[*time.Duration]time.Duration{
		&c.StatementTimeout: defaultStatementTimeout,
		&c.DialTimeout:      defaultDialTimeout,
		&c.MaxIdle:          defaultMaxIdle,
		&c.MaxLifetime:      defaultMaxLifetime,
	} {
		if *d <= 0 {
			*d = v
		}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
}

// driverConfig sets the session that the procedures count on.
func (c *Config) driverConfig() *mysql.Config {
	d := mysql.NewConfig()
	d.Net, d.Addr = "tcp", c.Address
	if strings.HasPrefix(c.Address, "/") {
		d.Net = "unix"
	}
	d.User, d.Passwd, d.DBName, d.TLS = c.User, c.Password, c.Database, c.TLS
	d.Timeout = c.DialTimeout
	d.MaxAllowedPacket = 0 // ask the server
	d.Collation = "utf8mb4_bin"
	d.Logger = &mysql.NopLogger{} // errors are returned, and logged by whoever gets them
	d.Params = map[string]string{
		// No transaction is ever left open by the server's default.
		"autocommit": "1",
		// No gap locks: a look-up that finds nothing blocks nobody's insert.
		"tx_isolation": "'READ-COMMITTED'",
		// A literal ends at a quote and nowhere else; see literal.
		"sql_mode": "'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'",
		// The name of a unique index is read from a message.
		"lc_messages":        "'en_US'",
		"time_zone":          "'+00:00'",
		"max_statement_time": strconv.FormatFloat(c.StatementTimeout.Seconds(), 'f', 3, 64),
	}
	return d
}

// Name is "mariadb".
func (s *Store) Name() string { return "mariadb" }

// Ping makes one round trip.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.run(ctx, "DO 1", readCall, nil); err != nil {
		return classify(err, readCall, "ping")
	}
	return nil
}

// Close waits for running calls until the context ends and closes every
// connection. Later calls fail.
func (s *Store) Close(ctx context.Context) error { return s.pool.close(ctx) }

// Stats is a snapshot of the store's counters.
type Stats struct {
	Calls   int64 // CALLs sent
	Rows    int64 // rows received
	Errors  int64 // calls that failed as a whole
	Retries int64 // calls repeated after a deadlock or a lock wait
	Open    int   // connections
	Busy    int   // connections in use
	Waits   int64 // times that a call waited for a connection
	Dials   int64 // connections made
}

// Stats returns the counters.
func (s *Store) Stats() Stats {
	st := s.pool.stats()
	st.Calls, st.Rows, st.Errors, st.Retries = s.calls.Load(), s.rows.Load(), s.errs.Load(), s.retries.Load()
	return st
}

var errClosed = errors.New("mariadb: the store is closed")

// Unsupported is what a store answers that cannot do what a request wants.
func unsupported(format string, args ...any) error {
	return envelope.Errorf(envelope.Unsupported, format, args...)
}
