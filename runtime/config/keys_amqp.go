package config

var amqpKeys = append([]Key{
	{
		Name: "amqp.urls", Default: []string{"127.0.0.1:5672"}, check: checkAMQPURL, private: true,
		Doc: "RabbitMQ nodes, tried in turn: host:port, or amqp:// and amqps:// addresses without user, password and vhost.",
		at:  func(c *Config) any { return &c.AMQP.URLs },
	},
	{
		Name: "amqp.user", Default: "guest", check: checkFilled,
		Doc: "The node's RabbitMQ user; guest is refused in prod.",
		at:  func(c *Config) any { return &c.AMQP.User },
	},
	{
		Name: "amqp.password",
		Doc:  "Its password. Better: password_file, or BEDS_AMQP_PASSWORD. Refused in beds.toml, which is committed.",
		at:   func(c *Config) any { return &c.AMQP.Password },
	},
	{
		Name: "amqp.password_file", Default: "",
		Doc: "A file that holds the password; a relative path starts at the file that names it.",
		at:  func(c *Config) any { return &c.AMQP.PasswordFile },
	},
	{
		Name: "amqp.external", Default: false,
		Doc: "Log in with the certificate of [amqp.tls] and no password (SASL EXTERNAL, RabbitMQ's plugin rabbitmq_auth_mechanism_ssl); user is the name that RabbitMQ takes from it.",
		at:  func(c *Config) any { return &c.AMQP.External },
	},
	{
		Name: "amqp.vhost", Default: "/", check: checkFilled,
		Doc: "The virtual host; one for each environment.",
		at:  func(c *Config) any { return &c.AMQP.VHost },
	},
	{
		Name: "amqp.exchange", Default: "beds.events", check: checkAMQPName,
		Doc: "The topic exchange that all requests pass.",
		at:  func(c *Config) any { return &c.AMQP.Exchange },
	},
	{
		Name: "amqp.dlx", Default: "beds.dlx", check: checkAMQPName,
		Doc: "The exchange in front of the retry and dead-letter queues.",
		at:  func(c *Config) any { return &c.AMQP.DLX },
	},
	{
		Name: "amqp.queue_tag", Default: "{env}_", check: checkQueueTag,
		Doc: "Put before every queue's name.",
		at:  func(c *Config) any { return &c.AMQP.QueueTag },
	},
	{
		Name: "amqp.heartbeat_s", Unit: "s", Default: 10, Min: 5, Max: 60,
		Doc: "Heartbeat. A session without a frame for three of them is given up.",
		at:  func(c *Config) any { return &c.AMQP.Heartbeat },
	},
	{
		Name: "amqp.write_timeout_ms", Unit: "ms", Default: 10_000, Min: 100, Max: 300_000,
		Doc: "How long one write to the socket may block before the session is given up; a broker in a memory alarm stops reading.",
		at:  func(c *Config) any { return &c.AMQP.WriteTimeout },
	},
	{
		Name: "amqp.write_buffer_bytes", Unit: "bytes", Default: mebi, Min: 64 << 10, Max: 128 * mebi,
		Doc: "Bytes that may wait for the socket, per connection; who has more to send waits.",
		at:  func(c *Config) any { return &c.AMQP.WriteBuffer },
	},
	{
		Name: "amqp.prefetch", Default: 64, Min: 1, Max: 10_000,
		Doc: "Unacknowledged messages a broker may hold: 1 is slow, 0 would be unbounded and is refused.",
		at:  func(c *Config) any { return &c.AMQP.Prefetch },
	},
	{
		Name: "amqp.max_attempts", Default: 5, Min: 1, Max: 100,
		Doc: "Deliveries before a message goes to its dead-letter queue.",
		at:  func(c *Config) any { return &c.AMQP.MaxAttempts },
	},
	{
		Name: "amqp.retry_delays_ms", Unit: "ms", Default: []int{1_000, 5_000, 30_000, 120_000}, Min: 100, Max: 86_400_000,
		Doc: "Waits before the second, third, ... attempt; the last one repeats.",
		at:  func(c *Config) any { return &c.AMQP.RetryDelays },
	},
	{
		Name: "amqp.reply_prefix", Default: "beds.reply.", check: checkReplyPrefix,
		Doc: "A reply goes to RabbitMQ's direct reply-to, or to a queue whose name begins so, and nowhere else.",
		at:  func(c *Config) any { return &c.AMQP.ReplyPrefix },
	},
}, tlsKeys("amqp", "RabbitMQ", func(c *Config) *TLS { return &c.AMQP.TLS })...)

// tlsKeys is the same sub-table for each kind of server.
func tlsKeys(section, server string, of func(*Config) *TLS) []Key {
	return []Key{
		{
			Name: section + ".tls.enabled", Default: false,
			Doc: "Speak TLS with " + server + "; required in prod. The certificate is always verified.",
			at:  func(c *Config) any { return &of(c).Enabled },
		},
		{
			Name: section + ".tls.ca_file", Default: "",
			Doc: "Certificate authorities (PEM) to trust in place of the system's.",
			at:  func(c *Config) any { return &of(c).CAFile },
		},
		{
			Name: section + ".tls.cert_file", Default: "",
			Doc: "The node's own certificate (PEM), where " + server + " asks for one; needs key_file.",
			at:  func(c *Config) any { return &of(c).CertFile },
		},
		{
			Name: section + ".tls.key_file", Default: "",
			Doc: "Its private key (PEM); readable by its owner only.",
			at:  func(c *Config) any { return &of(c).KeyFile },
		},
		{
			Name: section + ".tls.server_name", Default: "",
			Doc: "The name expected in the certificate, if it isn't the host of the address.",
			at:  func(c *Config) any { return &of(c).ServerName },
		},
	}
}
