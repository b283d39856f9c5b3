package config

const (
	mebi = 1 << 20
	gibi = 1 << 30
)

// boundKeys limit what clients can make the node hold or wait for.
var boundKeys = []Key{
	{
		Name: "limits.body_bytes", Unit: "bytes", Default: 4 * mebi, Min: 1 << 10, Max: 128 * mebi,
		Doc: "The largest request body. RabbitMQ 4 itself refuses more than 16 MiB unless told otherwise.",
		at:  func(c *Config) any { return &c.Limits.BodyBytes },
	},
	{
		Name: "limits.depth", Default: 32, Min: 4, Max: 1_000,
		Doc: "How deep a request's JSON may nest.",
		at:  func(c *Config) any { return &c.Limits.Depth },
	},
	{
		Name: "limits.keys", Default: 10_000, Min: 16, Max: 1_000_000,
		Doc: "Names in a request's JSON, all objects together.",
		at:  func(c *Config) any { return &c.Limits.Keys },
	},
	{
		Name: "limits.batch", Default: 256, Min: 1, Max: 10_000,
		Doc: "Operations in one batch message.",
		at:  func(c *Config) any { return &c.Limits.Batch },
	},
	{
		Name: "limits.page", Default: 500, Min: 1, Max: 10_000,
		Doc: "Records in one page, whatever the client asks for.",
		at:  func(c *Config) any { return &c.Limits.Page },
	},
	{
		Name: "limits.concurrency", Default: 512, Min: 1, Max: 100_000,
		Doc: "Calls under way in one store at once; more wait until their deadline. Requests in hand are bounded by prefetch and instances.",
		at:  func(c *Config) any { return &c.Limits.Concurrency },
	},
	{
		Name: "limits.breaker_failures", Default: 5, Min: 1, Max: 1_000,
		Doc: "Calls in a row that find a store out of reach before its breaker opens: requests for it are refused at once and its queues paused.",
		at:  func(c *Config) any { return &c.Limits.BreakerFailures },
	},
	{
		Name: "limits.breaker_probe_ms", Unit: "ms", Default: 250, Min: 10, Max: 60_000,
		Doc: "The pause between two looks whether a store behind an open breaker answers again.",
		at:  func(c *Config) any { return &c.Limits.BreakerProbe },
	},
	{
		Name: "limits.reply_bytes", Unit: "bytes", Default: 4 * mebi, Min: 1 << 10, Max: 128 * mebi,
		Doc: "The largest reply; a larger one becomes an error that says to ask for smaller pages.",
		at:  func(c *Config) any { return &c.Limits.ReplyBytes },
	},
	{
		Name: "limits.memory_bytes", Unit: "bytes", Default: 0, Min: 0, Max: 1 << 12 * gibi,
		Doc: "GOMEMLIMIT: the memory that the node tries to stay below, at least 64 MiB; 0 leaves the Go runtime alone.",
		at:  func(c *Config) any { return &c.Limits.MemoryBytes },
	},
	{
		Name: "limits.threads", Default: 0, Min: 0, Max: 1024,
		Doc: "GOMAXPROCS: threads that run Go code at a time. 0 is the environment's GOMAXPROCS or, without it, half of the processors: a request is short, and waking another thread for it costs more than it saves.",
		at:  func(c *Config) any { return &c.Limits.Threads },
	},
	{
		Name: "limits.gc_percent", Default: 0, Min: 0, Max: 10_000,
		Doc: "GOGC: garbage that may gather, in percent of the memory in use, before it is collected; memory_bytes bounds it all the same. 0 is the environment's GOGC or, without it, 400.",
		at:  func(c *Config) any { return &c.Limits.GCPercent },
	},
	{
		Name: "deadlines.default_ms", Unit: "ms", Default: 2_000, Min: 1, Max: 3_600_000,
		Doc: "The deadline of a request that names none.",
		at:  func(c *Config) any { return &c.Deadlines.Default },
	},
	{
		Name: "deadlines.max_ms", Unit: "ms", Default: 60_000, Min: 1, Max: 3_600_000,
		Doc: "The longest deadline a client may ask for.",
		at:  func(c *Config) any { return &c.Deadlines.Max },
	},
	{
		Name: "deadlines.drain_ms", Unit: "ms", Default: 15_000, Min: 100, Max: 600_000,
		Doc: "How long a stopping node may finish what it has begun. systemd's TimeoutStopSec must be longer.",
		at:  func(c *Config) any { return &c.Deadlines.Drain },
	},
	{
		Name: "deadlines.startup_ms", Unit: "ms", Default: 60_000, Min: 1_000, Max: 3_600_000,
		Doc: "How long a starting node waits for its servers. systemd's TimeoutStartSec must be longer.",
		at:  func(c *Config) any { return &c.Deadlines.Startup },
	},
}

// operatingKeys are the rest of what an operator tunes.
var operatingKeys = []Key{
	{
		Name: "idempotency.retention_h", Unit: "h", Default: 72, Min: 1, Max: 8_760,
		Doc: "How long the key of a write is remembered: a client that repeats a write later than this does it twice.",
		at:  func(c *Config) any { return &c.Idempotency.Retention },
	},
	{
		Name: "idempotency.prune_interval_s", Unit: "s", Default: 300, Min: 1, Max: 86_400,
		Doc: "How often forgotten keys are deleted.",
		at:  func(c *Config) any { return &c.Idempotency.PruneInterval },
	},
	{
		Name: "health.listen", Default: "127.0.0.1:0", check: checkListen,
		Doc: "Where /healthz, /readyz, /metrics and /buildinfo are served; port 0 picks a free one and logs it; \"\" serves nothing.",
		at:  func(c *Config) any { return &c.Health.Listen },
	},
	{
		Name: "health.public", Default: false,
		Doc: "Allow an address that is not loopback. The pages have no authentication.",
		at:  func(c *Config) any { return &c.Health.Public },
	},
	{
		Name: "group.enabled", Default: true,
		Doc: "Send requests that wait at the same moment for the same procedure as one call; each keeps its own outcome.",
		at:  func(c *Config) any { return &c.Group.Enabled },
	},
	{
		Name: "group.max", Default: 256, Min: 1, Max: 1_024,
		Doc: "Requests in one such call; of the document store at most 64.",
		at:  func(c *Config) any { return &c.Group.Max },
	},
	{
		Name: "group.waiting", Default: 4_096, Min: 1, Max: 1_000_000,
		Doc: "Requests that may wait for such a call, for each template and kind of procedure; more are refused as busy.",
		at:  func(c *Config) any { return &c.Group.Waiting },
	},
	{
		Name: "cache.records", Default: 100_000, Min: 64, Max: 100_000_000,
		Doc: "Records in the node's memory, of all templates that have a cache together.",
		at:  func(c *Config) any { return &c.Cache.Records },
	},
	{
		Name: "cache.memory_bytes", Unit: "bytes", Default: 64 * mebi, Min: 0, Max: 1 << 10 * gibi,
		Doc: "Memory for them; a record larger than a 64th of it is not kept. 0 keeps none: this node reads from the stores, and still tells the others of its writes.",
		at:  func(c *Config) any { return &c.Cache.MemoryBytes },
	},
}
