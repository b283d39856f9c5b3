package config

var mariaKeys = append([]Key{
	{
		Name: "mariadb.enabled", Default: true,
		Doc: "Whether this node uses MariaDB at all.",
		at:  func(c *Config) any { return &c.MariaDB.Enabled },
	},
	{
		Name: "mariadb.address", Default: "127.0.0.1:3306", check: checkSQLAddress,
		Doc: "host:port, or unix:/path/to/mysqld.sock, which is faster where the server is on the same machine.",
		at:  func(c *Config) any { return &c.MariaDB.Address },
	},
	{
		Name: "mariadb.database", Default: "beds", check: checkName,
		Doc: "The schema that holds the procedures.",
		at:  func(c *Config) any { return &c.MariaDB.Database },
	},
	{
		Name: "mariadb.user", Default: "beds_node", check: checkFilled,
		Doc: "An account that may EXECUTE the procedures and nothing else; root is refused in prod.",
		at:  func(c *Config) any { return &c.MariaDB.User },
	},
	{
		Name: "mariadb.password",
		Doc:  "Its password. Better: password_file, or BEDS_MARIADB_PASSWORD. Refused in beds.toml, which is committed.",
		at:   func(c *Config) any { return &c.MariaDB.Password },
	},
	{
		Name: "mariadb.password_file", Default: "",
		Doc: "A file that holds the password; a relative path starts at the file that names it.",
		at:  func(c *Config) any { return &c.MariaDB.PasswordFile },
	},
	{
		Name: "mariadb.max_connections", Default: 16, Min: 1, Max: 1_000,
		Doc: "Connections in the pool. 8 to 16 fill two cores of a server; every one of them caches every procedure it ran.",
		at:  func(c *Config) any { return &c.MariaDB.MaxConnections },
	},
	{
		Name: "mariadb.statement_timeout_ms", Unit: "ms", Default: 10_000, Min: 10, Max: 600_000,
		Doc: "The server's own limit on one call (max_statement_time): a cancelled caller doesn't stop a running procedure.",
		at:  func(c *Config) any { return &c.MariaDB.StatementTimeout },
	}, {
		Name: "mariadb.attempts", Default: 5, Min: 1, Max: 100,
		Doc: "How often a call is made that MariaDB rolls back for another transaction's sake (deadlock, lock wait), within the caller's deadline.",
		at:  func(c *Config) any { return &c.MariaDB.Attempts },
	},

	{
		Name: "mariadb.secondary.address", Default: "", check: checkSQLAddress,
		Doc: "Reserved: a read-only replica. This build reads from the master alone.",
		at:  func(c *Config) any { return &c.MariaDB.Secondary.Address },
	},
}, tlsKeys("mariadb", "MariaDB", func(c *Config) *TLS { return &c.MariaDB.TLS })...)

var mongoKeys = append([]Key{
	{
		Name: "mongodb.enabled", Default: true,
		Doc: "Whether this node uses MongoDB at all.",
		at:  func(c *Config) any { return &c.MongoDB.Enabled },
	},
	{
		Name: "mongodb.uri", Default: "mongodb://127.0.0.1:27017", check: checkMongoURI, private: true,
		Doc: "mongodb:// or mongodb+srv:// with hosts and options such as replicaSet, without user, password and TLS options.",
		at:  func(c *Config) any { return &c.MongoDB.URI },
	},
	{
		Name: "mongodb.user", Default: "",
		Doc: "The node's account. Empty is no authentication, which prod refuses.",
		at:  func(c *Config) any { return &c.MongoDB.User },
	},
	{
		Name: "mongodb.password",
		Doc:  "Its password. Better: password_file, or BEDS_MONGODB_PASSWORD. Refused in beds.toml, which is committed.",
		at:   func(c *Config) any { return &c.MongoDB.Password },
	},
	{
		Name: "mongodb.password_file", Default: "",
		Doc: "A file that holds the password; a relative path starts at the file that names it.",
		at:  func(c *Config) any { return &c.MongoDB.PasswordFile },
	},
	{
		Name: "mongodb.database", Default: "beds", check: checkName,
		Doc: "The database that holds the collections.",
		at:  func(c *Config) any { return &c.MongoDB.Database },
	},
	{
		Name: "mongodb.max_connections", Default: 16, Min: 1, Max: 1_000,
		Doc: "Connections to each server of the set.",
		at:  func(c *Config) any { return &c.MongoDB.MaxConnections },
	},
	{
		Name: "mongodb.timeout_ms", Unit: "ms", Default: 10_000, Min: 10, Max: 600_000,
		Doc: "The limit on one operation; a request's own deadline can only be shorter.",
		at:  func(c *Config) any { return &c.MongoDB.Timeout },
	},
}, tlsKeys("mongodb", "MongoDB", func(c *Config) *TLS { return &c.MongoDB.TLS })...)

var storeKeys = []Key{
	{
		Name: "stores.rec", Default: StoreMongoDB, OneOf: []string{StoreMongoDB, StoreMariaDB},
		Doc: "The adapter behind templates with schema = \"rec\".",
		at:  func(c *Config) any { return &c.Stores.Rec },
	},
	{
		Name: "stores.rel", Default: StoreMariaDB, OneOf: []string{StoreMongoDB, StoreMariaDB},
		Doc: "The adapter behind templates with schema = \"rel\".",
		at:  func(c *Config) any { return &c.Stores.Rel },
	},
}

var templateKeys = []Key{
	{
		Name: "templates.*.store", OneOf: []string{StoreMongoDB, StoreMariaDB},
		Doc: "The adapter of this template alone.",
		of:  func(t *Template) any { return &t.Store },
	},
	{
		Name: "templates.*.own_queues", Default: false,
		Doc: "Queues of its own, so that a hot domain can't delay the others.",
		of:  func(t *Template) any { return &t.OwnQueues },
	},
	{
		Name: "templates.*.cache",
		Doc:  "How long a record may be answered from the node's memory, such as \"30s\"; \"0s\" is never. Without it the REC file's cache holds. The same on all nodes, or those without it do not tell of their writes.",
		of:   func(t *Template) any { return &t.Cache },
	},
	{
		Name: "templates.*.concurrency", Default: 0, Min: 0, Max: 100_000,
		Doc: "Requests of this template in work at once; 0 is the node's bound alone.",
		of:  func(t *Template) any { return &t.Concurrency },
	},
	{
		Name: "templates.*.access.*", check: checkFilled,
		Doc: "AMQP users who may do the operation (fetch, count, write, update, delete, query, object; * for the rest). Once there is a table, what it doesn't list is refused.",
		of:  func(t *Template) any { return &t.Access },
	},
}
