package config

// installationKeys say who this node is, and logKeys where it writes.
var installationKeys = []Key{
	{
		Name: "wbid", Required: true, check: checkWBID,
		Doc: "White-box id: two lower-case letters that name the installation. Every event id and every collection begins with it. Never change it afterwards.",
		at:  func(c *Config) any { return &c.WBID },
	},
	{
		Name: "node", Default: "{hostname}", check: checkName,
		Doc: "This node's name in logs, replies and announcements. Two nodes on one machine need two names.",
		at:  func(c *Config) any { return &c.Node },
	},
}

var logKeys = []Key{
	{
		Name: "log.level", Default: "info", OneOf: []string{"debug", "info", "warn", "error"},
		Doc: "The least severe event that is kept.",
		at:  func(c *Config) any { return &c.Log.Level },
	},
	{
		Name: "log.console", Default: true,
		Doc: "Write readable lines to standard error.",
		at:  func(c *Config) any { return &c.Log.Console },
	},
	{
		Name: "log.journald", Default: false,
		Doc: "Write to the systemd journal, lineage as fields (journalctl BEDS_ROOT_ID=...). Turn console off with it, or each event appears twice.",
		at:  func(c *Config) any { return &c.Log.Journald },
	},
	{
		Name: "log.collection", Default: true,
		Doc: "Send events to the log queue, from which a node with the admin role stores them in the logger collection.",
		at:  func(c *Config) any { return &c.Log.Collection },
	},
	{
		Name: "log.buffer", Default: 10_000, Min: 100, Max: 1_000_000,
		Doc: "Events that may wait for the log queue. What comes on top is dropped and counted: logging never stops the work.",
		at:  func(c *Config) any { return &c.Log.Buffer },
	},
}
