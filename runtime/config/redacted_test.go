package config

import (
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

func TestRedacted(t *testing.T) {
	c := tree{
		files: map[string]string{
			"beds.toml":    minimal + "[templates.order]\ncache = \"1m\"\naccess = { \"*\" = [\"shop\"] }\n",
			"env_dev.toml": "[amqp]\npassword = \"" + canary + "\"\nheartbeat_s = 7\n",
		},
		vars: map[string]string{"BEDS_AMQP_PASSWORD": "", "BEDS_MARIADB_PASSWORD": canary, "BEDS__GROUP__MAX": "3"},
	}.mustLoad(t)
	got := strings.ReplaceAll(c.Redacted(), c.Dir+"/", "")
	for _, want := range []string{
		"# environment dev\n",
		"wbid = \"ms\"                      # beds.toml:1:1\n",
		"[amqp]\n",
		"password = \"***\"                 # env_dev.toml:2:1\n",
		"heartbeat_s = 7                  # env_dev.toml:3:1\n",
		"prefetch = 64                    # default\n",
		"password = \"***\"                 # environment BEDS_MARIADB_PASSWORD\n",
		"max = 3                          # environment BEDS__GROUP__MAX\n",
		"[templates.order]\ncache = \"1m0s\"                   # beds.toml:3:1\n",
		"[templates.order.access]\n\"*\" = [\"shop\"]                   # beds.toml:4:12\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %q", want)
		}
	}
	if strings.Contains(got, canary) {
		t.Error("a secret is shown")
	}
	if err := toml.Unmarshal([]byte(got), &map[string]any{}); err != nil {
		t.Errorf("it is no TOML: %v", err)
	}
	if t.Failed() {
		t.Log(got)
	}
}
