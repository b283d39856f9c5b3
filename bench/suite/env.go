// Package suite is the benchmark: which contestants take part in which class, how their processes are started, and
// how they are measured in alternation.
package suite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/beds-project/beds/runtime/config"
)

// Env says where everything is. scripts/bench sets it up.
type Env struct {
	Dir       string // of the servers, the node's configuration and what is measured
	Bin       string // folder of benchnode and benchpeer
	AMQP      string // URL
	MariaDB   string // DSN of an account that may do everything, with the node's database
	Config    *config.Config
	Log       *slog.Logger
	Broker    int // process ids; 0 where the server is not ours
	MariaPID  int
	MongoPID  int
	NodeEnv   []string // settings for every node, KEY=VALUE
	Short     bool
	Rounds    int
	Duration  time.Duration
	Quiet     float64 // cores that other programs may take before a measurement is repeated
	Tries     int     // how often at most
	ProfileTo string  // folder for CPU profiles of the nodes; "" takes none
	Variants  []Variant
	Only      string // of the contestants, by prefix; "" is all
}

// A Variant is a further BEDS node beside the default one: other settings, or another build of the binary.
type Variant struct {
	Name, Bin string
	Env       []string
}

// ParseVariant reads NAME:KEY=VALUE,KEY=VALUE; the key bin names another binary of benchnode.
func ParseVariant(s string) (Variant, error) {
	name, rest, _ := strings.Cut(s, ":")
	v := Variant{Name: name}
	for _, pair := range strings.Split(rest, ",") {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case pair == "":
		case !ok:
			return v, fmt.Errorf("variant %s: %q is not KEY=VALUE", name, pair)
		case key == "bin":
			v.Bin = value
		default:
			v.Env = append(v.Env, pair)
		}
	}
	if name == "" {
		return v, errors.New("a variant needs a name")
	}
	return v, nil
}

// NewEnv reads the environment that scripts/bench made.
func NewEnv() (*Env, error) {
	e := &Env{Dir: os.Getenv("BEDS_SERVERS_DIR"), Log: slog.New(slog.DiscardHandler)}
	if e.Dir == "" {
		return nil, errors.New("BEDS_SERVERS_DIR is not set; run scripts/bench")
	}
	e.AMQP, e.Bin = os.Getenv("BEDS_TEST_AMQP_URL"), filepath.Join(e.Dir, "bin")
	var err error
	if e.Config, err = config.Load(config.Options{Dir: filepath.Join(e.Dir, "node")}); err != nil {
		return nil, err
	}
	admin := os.Getenv("BEDS_TEST_MARIADB_ROOT_DSN")
	e.MariaDB = admin[:strings.LastIndexByte(admin, '/')+1] + e.Config.MariaDB.Database
	e.Broker, e.MariaPID, e.MongoPID = e.pid("rabbitmq"), e.pid("mariadb"), e.pid("mongodb")
	return e, nil
}

// pid reads the file that scripts/servers keeps.
func (e *Env) pid(server string) int {
	text, err := os.ReadFile(filepath.Join(e.Dir, server, "pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	pid, _ := strconv.Atoi(first)
	return pid
}

// within bounds one step of the preparation.
func within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}
