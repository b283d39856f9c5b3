package config

import "time"

// Config is a checked configuration. It is read once and never changed.
type Config struct {
	Env Environment
	// Dir is the directory that was read.
	Dir string

	WBID           string
	Node           string
	Log            Log
	AMQP           AMQP
	MariaDB        MariaDB
	MongoDB        MongoDB
	Stores         Stores
	Templates      map[string]*Template
	BrokerServices BrokerServices
	Limits         Limits
	Deadlines      Deadlines
	Idempotency    Idempotency
	Health         Health
	Group          Group
	Cache          Cache

	// origins remembers where each value that is not a default came from.
	origins map[string]place
}

// Log says where log events go.
type Log struct {
	Level      string
	Console    bool
	Journald   bool
	Collection bool
	Buffer     int
}

// TLS is how one kind of server is reached. There is no key that turns
// verification off: a private authority belongs in CAFile.
type TLS struct {
	Enabled    bool
	CAFile     string
	CertFile   string
	KeyFile    string
	ServerName string
}

// AMQP is RabbitMQ: where it is, who we are there, how we consume.
type AMQP struct {
	URLs         []string
	User         string
	Password     Secret
	PasswordFile string
	External     bool
	VHost        string
	Exchange     string
	DLX          string
	QueueTag     string
	Heartbeat    time.Duration
	WriteTimeout time.Duration
	WriteBuffer  int
	Prefetch     int
	MaxAttempts  int
	RetryDelays  []time.Duration
	ReplyPrefix  string
	TLS          TLS
}

// MariaDB is the relational store.
type MariaDB struct {
	Enabled          bool
	Address          string
	Database         string
	User             string
	Password         Secret
	PasswordFile     string
	MaxConnections   int
	StatementTimeout time.Duration
	// Attempts of a call that the server rolls back.
	Attempts  int
	TLS       TLS
	Secondary MariaDBSecondary
}

// MariaDBSecondary is an optional read-only replica; an empty Address is none.
type MariaDBSecondary struct {
	Address string
}

// MongoDB is the document store.
type MongoDB struct {
	Enabled        bool
	URI            string
	User           string
	Password       Secret
	PasswordFile   string
	Database       string
	MaxConnections int
	Timeout        time.Duration
	TLS            TLS
}

// The stores' adapters, as [stores] and [templates.NAME] name them.
const (
	StoreMongoDB = "mongodb"
	StoreMariaDB = "mariadb"
)

// Stores gives each queue family its adapter.
type Stores struct {
	Rec string
	Rel string
}

// Template is what one installation sets apart for one template.
type Template struct {
	// Store is an adapter, or empty for that of the template's family.
	Store     string
	OwnQueues bool
	// Cache is nil where the REC file's own duration holds; 0 is off.
	Cache *time.Duration
	// Concurrency bounds requests in work; 0 is the node's bound alone.
	Concurrency int
	// Access lists the AMQP users who may do an operation; see Allows.
	Access map[string][]string
}

// Limits bounds what a client can make the node hold at once.
type Limits struct {
	BodyBytes   int
	Depth       int
	Keys        int
	Batch       int
	Page        int
	Concurrency int
	// BreakerFailures in a row open a store's breaker; BreakerProbe is the pause between
	// two looks whether it answers again.
	BreakerFailures int
	BreakerProbe    time.Duration
	ReplyBytes      int
	// MemoryBytes is GOMEMLIMIT; 0 leaves the Go runtime alone.
	MemoryBytes int64
	// Threads is GOMAXPROCS; 0 is the environment's, or half of the processors.
	Threads int
	// GCPercent is GOGC; 0 is the environment's, or 400.
	GCPercent int
}

// Deadlines bounds how long things may take.
type Deadlines struct {
	Default time.Duration
	Max     time.Duration
	Drain   time.Duration
	Startup time.Duration
}

// Idempotency says how long a write's key is remembered.
type Idempotency struct {
	Retention     time.Duration
	PruneInterval time.Duration
}

// Health is the operator's HTTP listener; an empty Listen is none.
type Health struct {
	Listen string
	Public bool
}

// Group is adaptive grouping: what waits at one moment goes out as one call.
type Group struct {
	Enabled bool
	Max     int
	Waiting int
}

// Cache bounds what the node keeps of templates that have a cache.
type Cache struct {
	Records int
	// MemoryBytes 0 keeps nothing.
	MemoryBytes int64
}
