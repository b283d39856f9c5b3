package config

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDefaults(t *testing.T) {
	c := base(minimal).mustLoad(t)
	tests := []struct {
		key       string
		got, want any
	}{
		{"env", c.Env, Dev},
		{"wbid", c.WBID, "ms"},
		{"node", c.Node, hostname()},
		{"log.collection", c.Log.Collection, true},
		{"amqp.urls", c.AMQP.URLs, []string{"127.0.0.1:5672"}},
		{"amqp.queue_tag", c.AMQP.QueueTag, "dev_"},
		{"amqp.heartbeat_s", c.AMQP.Heartbeat, 10 * time.Second},
		{"amqp.prefetch", c.AMQP.Prefetch, 64},
		{"amqp.retry_delays_ms", c.AMQP.RetryDelays[0], time.Second},
		{"mariadb.max_connections", c.MariaDB.MaxConnections, 16},
		{"stores", c.Stores, Stores{Rec: "mongodb", Rel: "mariadb"}},
		{"limits.body_bytes", c.Limits.BodyBytes, 4 << 20},
		{"deadlines.default_ms", c.Deadlines.Default, 2 * time.Second},
		{"idempotency.retention_h", c.Idempotency.Retention, 72 * time.Hour},
		{"health.listen", c.Health.Listen, "127.0.0.1:0"},
		{"group", c.Group, Group{Enabled: true, Max: 256, Waiting: 4096}},
		{"roles", c.BrokerServices.Roles, []string{"app_server"}},
		{"instances", c.Instances(), []Instance{{"app_server", "r_broker", 2}, {"app_server", "w_broker", 2}}},
	}
	for _, tt := range tests {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("%s = %v, want %v", tt.key, tt.got, tt.want)
		}
	}
}

func TestMergeKeyByKey(t *testing.T) {
	c := tree{
		env: "qa",
		files: map[string]string{
			"beds.toml": minimal + `
[amqp]
urls = ["a:1", "b:2"]
heartbeat_s = 20
prefetch = 7
[templates.order]
cache = "30s"
concurrency = 5
[templates.order.access]
fetch = ["shop"]
write = ["shop"]
`,
			"env_qa.toml": `
[amqp]
urls = ["c:3"]
heartbeat_s = 30
[templates.order]
store = "mongodb"
access = { fetch = [], "*" = ["root"] }
`,
		},
		vars: map[string]string{
			"BEDS__AMQP__HEARTBEAT_S":            "40",
			"BEDS__BROKER_SERVICES__ROLES":       "admin, tercero",
			"BEDS__TEMPLATES__ORDER__OWN_QUEUES": "true",
			"BEDS__AMQP__RETRY_DELAYS_MS":        "100,200",
		},
	}.mustLoad(t)
	cache := 30 * time.Second
	order := &Template{Store: "mongodb", OwnQueues: true, Cache: &cache, Concurrency: 5,
		Access: map[string][]string{"fetch": {}, "write": {"shop"}, "*": {"root"}}}
	tests := []struct {
		name      string
		got, want any
	}{
		{"a list is replaced", c.AMQP.URLs, []string{"c:3"}},
		{"an absent key is inherited", c.AMQP.Prefetch, 7},
		{"the environment wins", c.AMQP.Heartbeat, 40 * time.Second},
		{"a list from the environment", c.BrokerServices.Roles, []string{"admin", "tercero"}},
		{"numbers from the environment", c.AMQP.RetryDelays, []time.Duration{100 * time.Millisecond, 200 * time.Millisecond}},
		{"a template", c.Templates["order"], order},
		{"the tag follows the environment", c.AMQP.QueueTag, "qa_"},
	}
	for _, tt := range tests {
		if !reflect.DeepEqual(tt.got, tt.want) {
			t.Errorf("%s: got %+v, want %+v", tt.name, tt.got, tt.want)
		}
	}
	if got := c.Origin("amqp.heartbeat_s"); got != "environment BEDS__AMQP__HEARTBEAT_S" {
		t.Errorf("Origin = %q", got)
	}
	if got := c.Origin("amqp.prefetch"); !strings.HasSuffix(got, "beds.toml:6:1") {
		t.Errorf("Origin = %q", got)
	}
}

func TestKnownVariablesWithoutAListOfNames(t *testing.T) {
	dir := base(minimal + "[templates.order]\n").write(t)
	vars := map[string]string{
		"BEDS_ENV": "dev", "BEDS__TEMPLATES__ORDER__CACHE": "5s", "BEDS__LOG__LEVEL": "warn",
		"BEDS__TEMPLATES__ORDER__ACCESS__FETCH": "a,b",
	}
	for k, v := range passwords {
		vars[k] = v
	}
	c, err := Load(Options{Dir: dir, Environ: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }})
	if err != nil {
		t.Fatal(err)
	}
	if c.Log.Level != "warn" || *c.Templates["order"].Cache != 5*time.Second || len(c.Templates["order"].Access["fetch"]) != 2 {
		t.Errorf("the variables were not taken over: %+v %+v", c.Log, c.Templates["order"])
	}
}

func TestAllows(t *testing.T) {
	open, closed := &Template{}, &Template{Access: map[string][]string{"fetch": {"shop", "support"}, "count": {"*"}, "write": {}, "*": {"shop"}}}
	tests := []struct {
		t        *Template
		op, user string
		want     bool
	}{
		{nil, "fetch", "", true},
		{open, "delete", "anybody", true},
		{closed, "fetch", "support", true},
		{closed, "fetch", "thief", false},
		{closed, "fetch", "", false},
		{closed, "count", "", true},
		{closed, "write", "shop", false},
		{closed, "delete", "shop", true},
		{closed, "delete", "support", false},
	}
	for _, tt := range tests {
		if got := tt.t.Allows(tt.op, tt.user); got != tt.want {
			t.Errorf("Allows(%q, %q) = %v, want %v", tt.op, tt.user, got, tt.want)
		}
	}
}
