package config

import (
	"strings"
	"testing"
)

// Each case is one mistake and the line that it must give, whole or in part.
func TestFindings(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"empty file", "", `beds.toml:1:1: wbid: this key is missing; give two lower-case letters, such as "ms", here or in BEDS__WBID`},
		{"broken TOML", "wbid = \"ms\"\n[amqp\n", "beds.toml:2:6: "},
		{"duplicate key", "wbid = \"ms\"\nwbid = \"mt\"\n", "beds.toml:2:1: "},
		{"duplicate table", minimal + "[amqp]\n[amqp]\n", "beds.toml:3:"},
		{"unknown key", minimal + "[amqp]\n  heartbeats = 3\n", `beds.toml:3:3: [amqp] heartbeats: unknown key "heartbeats"; did you mean "heartbeat_s"?`},
		{"unknown root key", "wbd = \"ms\"\n", `beds.toml:1:1: wbd: unknown key "wbd"; did you mean "wbid"?`},
		{"unknown table", minimal + "[mariab]\n", `beds.toml:2:2: mariab: unknown table "mariab"; did you mean "mariadb"?`},
		{"unknown nested table", minimal + "[amqp.tsl]\nenabled = true\n", `unknown table "tsl"; did you mean "tls"?`},
		{"key in the wrong table", minimal + "[log]\nprefetch = 3\n", `unknown key "prefetch" here; it belongs in [amqp]`},
		{"table of tables", minimal + "[[amqp]]\nuser = \"x\"\n", "[[amqp]] begins a list of tables"},
		{"key as table", minimal + "[amqp.urls]\nx = 1\n", "this is a list of strings, not a table; write urls = ..."},
		{"table as key", minimal + "amqp = 3\n", "beds.toml:2:1: amqp: this is a table; write [amqp]"},
		{"below a key", minimal + "[amqp]\nuser.name = \"x\"\n", "amqp.user is a string, not a table"},
		{"wrong type", minimal + "[amqp]\nheartbeat_s = \"10\"\n", "[amqp] heartbeat_s: this is a string; give an integer without quotes"},
		{"fraction", minimal + "[amqp]\nheartbeat_s = 10.5\n", "this is a number with a fraction; give an integer"},
		{"wrong item", minimal + "[amqp]\nurls = [1]\n", "this is an integer; give a string in quotes for each item"},
		{"not a list", minimal + "[amqp]\nurls = \"a:1\"\n", `this is a string; give a list such as ["a", "b"]`},
		{"below its bound", minimal + "[amqp]\nheartbeat_s = 3\n", "3 is less than 5; give a number of seconds from 5 to 60"},
		{"above its bound", minimal + "[amqp]\nheartbeat_s = 61\n", "61 is more than 60"},
		{"prefetch 0", minimal + "[amqp]\nprefetch = 0\n", "0 would let RabbitMQ push its whole queue"},
		{"unknown value", minimal + "[log]\nlevel = \"warning\"\n", `unknown value "warning"; did you mean "warn"?`},
		{"wbid", "wbid = \"MS\"\n", `"MS": give two lower-case letters`},
		{"inline table", minimal + "amqp = { heartbeat_s = 1 }\n", "beds.toml:2:10: [amqp] heartbeat_s: 1 is less than 5"},
		{"dotted key", minimal + "amqp.heartbeat_s = 1\n", "beds.toml:2:6: [amqp] heartbeat_s: 1 is less than 5"},
		{"address without a port", minimal + "[amqp]\nurls = [\"rabbit\"]\n", "give host:port"},
		{"vhost in the address", minimal + "[amqp]\nurls = [\"amqp://h:1/v\"]\n", "it has a key of its own: vhost"},
		{"amqps without TLS", minimal + "[amqp]\nurls = [\"amqps://h:1\"]\n", "amqps:// needs enabled = true in [amqp.tls]"},
		{"TLS options in the uri", minimal + "[mongodb]\nuri = \"mongodb://h/?tlsInsecure=true\"\n", "take the TLS options out"},
		{"delays that shrink", minimal + "[amqp]\nretry_delays_ms = [500, 100]\n", "the delays must grow"},
		{"deadlines", minimal + "[deadlines]\ndefault_ms = 5000\nmax_ms = 1000\n", "beds.toml:3:1: [deadlines] default_ms: 5000 ms is longer than max_ms, 1000"},
		{"public listener", minimal + "[health]\nlisten = \"0.0.0.0:80\"\n", "the pages have no authentication"},
		{"listener on all addresses", minimal + "[health]\nlisten = \":8080\"\n", "the pages have no authentication"},
		{"store turned off", minimal + "[mongodb]\nenabled = false\n", `[stores] rec: "mongodb" is the store, but [mongodb] has enabled = false`},
		{"template's store turned off", minimal + "[mongodb]\nenabled = false\n[stores]\nrec = \"mariadb\"\n[templates.o]\nstore = \"mongodb\"\n", "beds.toml:7:1: [templates.o] store"},
		{"unknown role", minimal + "[broker_services]\nroles = [\"app-server\"]\n", `did you mean "app_server"?`},
		{"no role", minimal + "[broker_services]\nroles = []\n", "a node without a role does nothing"},
		{"role twice", minimal + "[broker_services]\nroles = [\"admin\", \"admin\"]\n", "it is listed twice"},
		{"too many brokers", minimal + "[broker_services.app_server.instances]\nr_broker = 1025\n", "1025 is more than 1024"},
		{"unknown operation", minimal + "[templates.order.access]\nfetsch = [\"a\"]\n", `unknown operation "fetsch"; did you mean "fetch"?`},
		{"template's name", minimal + "[templates.\"Or der\"]\n", "is not a template's name"},
		{"cache", minimal + "[templates.order]\ncache = 30\n", "give a duration in quotes"},
		{"cache too long", minimal + "[templates.order]\ncache = \"48h\"\n", "out of range"},
		{"little memory", minimal + "[limits]\nmemory_bytes = 1000\n", "less than 64 MiB"},
		{"reply prefix", minimal + "[amqp]\nqueue_tag = \"beds.reply.dev\"\n", "a client could aim a reply"},
		{"one exchange", minimal + "[amqp]\ndlx = \"beds.events\"\n", "give dlx another name"},
		{"key without certificate", minimal + "[amqp.tls]\nenabled = true\nkey_file = \"k\"\n", "[amqp.tls] key_file: this needs cert_file beside it"},
		{"absent authority", minimal + "[amqp.tls]\nenabled = true\nca_file = \"none.pem\"\n", "can't be read: no such file"},
		{"line forged by a key", minimal + "\"a\\nb:1:1: x\" = 1\n", `"a\nb:1:1: x"`},
		{"secret in the committed file", minimal + "[amqp]\npassword = \"hunter2\"\n", "beds.toml:3:1: [amqp] password: beds.toml is committed"},
		{"both ways of a password", minimal + "[mongodb]\npassword_file = \"x\"\npassword = \"hunter2\"\n", "keep one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, errs := base(tt.text).load(t)
			if !strings.Contains(errs, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", errs, tt.want)
			}
			if strings.Contains(errs, "hunter2") {
				t.Errorf("a secret is repeated in\n%s", errs)
			}
		})
	}
}

func TestAllFindingsAtOnce(t *testing.T) {
	_, errs := tree{
		files: map[string]string{
			"beds.toml":    "wbid = \"x\"\n[amqp]\nprefetch = 0\nhartbeat_s = 10\n",
			"env_dev.toml": "[log]\nlevel = 3\n",
		},
		vars: map[string]string{"BEDS__GROUP__MAX": "many", "BEDS__GROUP__MIN": "1"},
	}.load(t)
	want := []string{
		"beds.toml:1:1: wbid: ", "beds.toml:3:1: [amqp] prefetch: ", "beds.toml:4:1: [amqp] hartbeat_s: ",
		"env_dev.toml:2:1: [log] level: ", "environment BEDS__GROUP__MAX: [group] max: ", "environment BEDS__GROUP__MIN: ",
	}
	lines := strings.Split(errs, "\n")
	if len(lines) != len(want) {
		t.Fatalf("got %d findings, want %d:\n%s", len(lines), len(want), errs)
	}
	for i, w := range want {
		if !strings.HasPrefix(lines[i], w) {
			t.Errorf("finding %d is\n%s\nwant\n%s", i, lines[i], w)
		}
	}
}

func TestFilesAndEnvironment(t *testing.T) {
	tests := []struct {
		name string
		tr   tree
		want string
	}{
		{"no file at all", tree{}, "beds.toml: this file is missing; run from the directory above it"},
		{"no file of the environment", tree{env: "prod", files: map[string]string{"beds.toml": minimal}}, "env_prod.toml: this file is missing; create it"},
		{"unknown environment", tree{env: "test"}, `environment: unknown environment "test"; use dev, qa or prod`},
		{"unknown BEDS_ENV", tree{vars: map[string]string{"BEDS_ENV": "production"}}, `environment BEDS_ENV: unknown environment "production"`},
		{"misspelt variable", tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__AMQP__URL": "x"}}, `environment BEDS__AMQP__URL: unknown key "url"; did you mean "urls"?`},
		{"variable in lower case", tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__amqp__user": "x"}}, `did you mean "BEDS__AMQP__USER"`},
		{"variable of a table", tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__AMQP": "x"}}, "this names a table"},
		{"variable not a boolean", tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__LOG__CONSOLE": "yes"}}, "give true or false"},
		{"variable out of range", tree{files: map[string]string{"beds.toml": minimal}, vars: map[string]string{"BEDS__AMQP__PREFETCH": "0"}}, "environment BEDS__AMQP__PREFETCH: [amqp] prefetch: 0 would"},
		{"huge file", base("# " + strings.Repeat("x", maxFileBytes)), "larger than any file of its kind"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, errs := tt.tr.load(t); !strings.Contains(errs, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", errs, tt.want)
			}
		})
	}
}
