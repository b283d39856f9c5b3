package config

// roles are the node roles of the templates' `service` key.
var roles = []string{"app_server", "admin", "segundo", "tercero"}

var brokerKeys = []Key{
	{
		Name: "broker_services.roles", Default: []string{"app_server"}, OneOf: roles,
		Doc: "What this node does. Brokers of other roles are not started, whatever their count.",
		at:  func(c *Config) any { return &c.BrokerServices.Roles },
	},
	instances("app_server", "r_broker", 2, "Answer fetch, count and named queries.",
		func(c *Config) any { return &c.BrokerServices.AppServer.RBroker }),
	instances("app_server", "w_broker", 2, "Answer write, update and delete.",
		func(c *Config) any { return &c.BrokerServices.AppServer.WBroker }),
	instances("app_server", "m_broker", 0, "Answer batches and calls of DBA-owned objects; off unless asked for.",
		func(c *Config) any { return &c.BrokerServices.AppServer.MBroker }),
	instances("admin", "admin_broker_in", 0, "Obey commands: ping, status, pause, resume, scale, drain, reload. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Admin.AdminBrokerIn }),
	instances("admin", "admin_broker_out", 0, "Announce nodes and topology. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Admin.AdminBrokerOut }),
	instances("admin", "admin_logs_broker", 1, "Batch log events into the logger collection.",
		func(c *Config) any { return &c.BrokerServices.Admin.AdminLogsBroker }),
	instances("admin", "admin_syslog_broker", 0, "Forward log events to syslog (RFC 5424). Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Admin.AdminSyslogBroker }),
	instances("admin", "admin_graph_broker", 0, "Keep time series and serve the operator's page. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Admin.AdminGraphBroker }),
	instances("segundo", "wh_broker", 0, "Move aged records from hot to cool to cold. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Segundo.WHBroker }),
	instances("segundo", "c_broker", 0, "Answer queries over cool storage. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Segundo.CBroker }),
	instances("tercero", "u_broker", 0, "Keep users and their credentials. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Tercero.UBroker }),
	instances("tercero", "s_broker", 0, "Issue, check and expire sessions. Reserved: this build has no such broker.",
		func(c *Config) any { return &c.BrokerServices.Tercero.SBroker }),
}

// instances describes the count of one broker. A thousand of a kind on one
// node is far beyond use: few busy channels beat many.
func instances(role, broker string, count int, does string, at func(*Config) any) Key {
	return Key{
		Name: "broker_services." + role + ".instances." + broker, Default: count, Min: 0, Max: 1024,
		Doc: does, at: at,
	}
}
