package config

import (
	"errors"
	"strings"
	"testing"
)

func TestChecks(t *testing.T) {
	tests := []struct {
		name     string
		check    func(string) string
		good     []string
		bad      []string
		complain string
	}{
		{"wbid", checkWBID, []string{"ms", "zz"}, []string{"", "m", "mss", "M1", "m\n"}, "two lower-case letters"},
		{"name", checkName, []string{"shop-1", "a.b", "9"}, []string{"", "-a", "a b", "a\n", strings.Repeat("a", 65)}, "letters, digits"},
		{"filled", checkFilled, []string{"x", "/"}, []string{"", " \t"}, "can't be empty"},
		{"exchange", checkAMQPName, []string{"beds.events"}, []string{"", "a b"}, "letters, digits"},
		{"reserved exchange", checkAMQPName, nil, []string{"amq.topic"}, "belong to RabbitMQ"},
		{"queue tag", checkQueueTag, []string{"", "dev_"}, []string{"a b", strings.Repeat("a", 33)}, "at most 32"},
		{"reply prefix", checkReplyPrefix, []string{"beds.reply."}, []string{"", "b", "rpl"}, "give"},
		{"sql address", checkSQLAddress, []string{"h:3306", "[::1]:3306", "unix:/run/m.sock"}, []string{"h", "h:0", "h:x", "h:65536", ":3306", "unix:m.sock", "u@h:1"}, ""},
		{"amqp address", checkAMQPURL,
			[]string{"h:5672", "amqp://h", "amqp://h:1/", "amqps://[::1]:5671"},
			[]string{"h", "http://h:1", "amqp://", "amqp://h:0", "amqp://h/v", "amqp://h?heartbeat=1", "amqp://h#x", "amqp://u@h", "amqp://[h"}, ""},
		{"mongodb address", checkMongoURI,
			[]string{"mongodb://h:1", "mongodb://a:1,b:2/?replicaSet=rs0&w=majority", "mongodb+srv://h/?authSource=admin", "mongodb://h/"},
			[]string{"", "h:1", "mongodb://", "mongodb://u@h", "mongodb://h/db", "mongodb://h/?ssl=false", "mongodb://h/?TLSinsecure=true",
				"mongodb://h/?authMechanismProperties=x", "mongodb://h/?a;b", "mongodb://h/?%zz"}, ""},
		{"listener", checkListen, []string{"", "127.0.0.1:0", "[::1]:80"}, []string{"80", "h:-1", "h:70000", "h:http"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range tt.good {
				if why := tt.check(s); why != "" {
					t.Errorf("%q is refused: %s", s, why)
				}
			}
			for _, s := range tt.bad {
				if why := tt.check(s); why == "" || !strings.Contains(why, tt.complain) {
					t.Errorf("%q gives %q, want %q", s, why, tt.complain)
				}
			}
		})
	}
}

func TestIsLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:1": true, "127.8.8.8:1": true, "[::1]:1": true, "localhost:1": true, "[::ffff:127.0.0.1]:1": true,
		"0.0.0.0:1": false, ":1": false, "[::]:1": false, "10.0.0.1:1": false, "localhost.evil.com:1": false, "x": false,
	} {
		if got := isLoopback(address); got != want {
			t.Errorf("isLoopback(%q) = %v", address, got)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"heartbeat_s", "prefetch", "urls", "user"}
	for name, want := range map[string]string{
		"prefech": "prefetch", "Prefetch": "prefetch", "rpefetch": "prefetch", "hartbeat": "heartbeat_s", "usr": "user",
		"colour": "", "": "", strings.Repeat("prefetch", 20): "",
	} {
		if got := nearest(name, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestErrorsReachesOneFinding(t *testing.T) {
	_, err := Load(Options{Dir: t.TempDir(), Env: "dev"})
	var f Finding
	if !errors.As(err, &f) || !strings.HasSuffix(f.File, "beds.toml") || !strings.HasPrefix(f.Message, "this file is missing") {
		t.Errorf("got %+v from %v", f, err)
	}
}

// The process's own environment is read, all of it, when no other is given.
func TestLoadReadsTheProcessEnvironment(t *testing.T) {
	dir := base(minimal).write(t)
	for name, value := range passwords {
		t.Setenv(name, value)
	}
	t.Setenv("BEDS_ENV", "dev")
	t.Setenv("BEDS__NODE", "n7")
	c, err := Load(Options{Dir: dir})
	if err != nil || c.Node != "n7" || c.AMQP.Password != "a" {
		t.Fatalf("got %v, %v", c, err)
	}
	t.Setenv("BEDS__NOD", "n7")
	if _, err := Load(Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "environment BEDS__NOD: ") {
		t.Errorf("a misspelt variable gives %v", err)
	}
}
