// Package suite is the cases: what is broken, for how long, and what may be seen of it.
package suite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/load"
	"github.com/beds-project/beds/devstack/faults/proxy"
	"github.com/beds-project/beds/devstack/faults/stack"
)

// Config is what scripts/faults passes on.
type Config struct {
	Root, Dir string // of the repository; of the private servers
	Binary    string // the node
	Old       string // an older build of it; may be empty
	NoOld     string // why it is empty
	Clock     string // a build whose wall clock can be stepped; may be empty
	Faketime  string // the library that steps a server's clock; may be empty
	Broken    string // a build with a planted fault, for the self-test; may be empty
	NodeDir   string // its configuration
	AMQP      string // addresses of the private servers
	MariaDSN  string
	MongoURI  string
	Seed      uint64
	Short     bool
	Duration  time.Duration // of each random mix
	Rate      int
}

// heartbeat is the shortest that the product allows, so that a pause can outlast it.
const heartbeat = 5 * time.Second

// Env is what a case works with.
type Env struct {
	Config
	Servers *stack.Servers
	DB      *stack.Databases
	Broker  stack.Broker
	// Links between node and servers, and between client and RabbitMQ.
	Links map[string]*proxy.Proxy
	Node  *stack.Node // the one under test; all its links are proxied
	Extra []*stack.Node
	Rng   *rand.Rand
	Load  *load.Generator
	Tag   string // of the running case

	mu       sync.Mutex // guards what follows: the faults of a mix run side by side
	findings []check.Finding
	notes    []string
	letters  []stack.DeadLetter // that the case has collected itself
	late     sync.Map
	guid     string
}

// group is the GUID that all orders of the running case carry.
func (e *Env) group() string { return e.guid }

// The links.
const (
	LinkBroker = "node-broker"
	LinkMaria  = "node-mariadb"
	LinkMongo  = "node-mongodb"
	LinkClient = "client-broker"
)

// nodeUser is RabbitMQ's account of the nodes, so that its rights can be revoked
// without touching the clients'.
const (
	nodeUser     = "faults_node"
	nodePassword = "only-on-loopback"
	vhost        = "/dev"
)

// Found files a finding of the case itself.
func (e *Env) Found(kind, key, format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.findings = append(e.findings, check.Finding{Kind: kind, Key: key, What: fmt.Sprintf(format, args...)})
}

// Note adds a remark to the case's line.
func (e *Env) Note(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notes = append(e.notes, fmt.Sprintf(format, args...))
}

// NewEnv connects to everything and starts the node.
func NewEnv(ctx context.Context, c Config) (*Env, error) {
	e := &Env{Config: c, Servers: &stack.Servers{Root: c.Root, Dir: c.Dir}, Broker: stack.Broker{URL: c.AMQP},
		Links: map[string]*proxy.Proxy{}, Rng: rand.New(rand.NewPCG(c.Seed, 1))}
	if err := e.connect(ctx); err != nil {
		return e, err
	}
	node, err := e.NewNode("faults-a", c.Binary, true)
	if err != nil {
		return e, err
	}
	e.Node = node
	return e, node.Start(ctx)
}

func (e *Env) connect(ctx context.Context) (err error) {
	if e.DB, err = stack.OpenDatabases(e.MariaDSN, e.MongoURI, "beds_dev"); err != nil {
		return err
	}
	if err := e.DB.InstallWitness(ctx); err != nil {
		return err
	}
	if err := e.DB.Forget(ctx); err != nil {
		return err
	}
	if err := e.account(ctx); err != nil {
		return err
	}
	amqp, err := url.Parse(e.AMQP)
	if err != nil {
		return err
	}
	_, maria, _ := strings.Cut(e.MariaDSN, "@tcp(")
	maria, _, _ = strings.Cut(maria, ")")
	mongo, err := url.Parse(e.MongoURI)
	if err != nil {
		return err
	}
	for name, upstream := range map[string]string{LinkBroker: amqp.Host, LinkClient: amqp.Host, LinkMaria: maria, LinkMongo: mongo.Host} {
		if e.Links[name], err = proxy.Listen(name, upstream); err != nil {
			return err
		}
	}
	return nil
}

// account makes RabbitMQ's user for the nodes.
func (e *Env) account(ctx context.Context) error {
	if err := e.Servers.Ctl(ctx, "add_user", nodeUser, nodePassword); err != nil && !strings.Contains(err.Error(), "already exists") {
		return err
	}
	return e.Servers.Ctl(ctx, "set_permissions", "-p", vhost, nodeUser, ".*", ".*", ".*")
}

// NewNode prepares a node. One that is not proxied speaks to the servers directly.
func (e *Env) NewNode(name, binary string, proxied bool, more ...string) (*stack.Node, error) {
	settings := []string{"BEDS__AMQP__HEARTBEAT_S=5", "BEDS__AMQP__USER=" + nodeUser, "BEDS_AMQP_PASSWORD=" + nodePassword,
		// Two attempts with short waits for messages without a caller keep the cases short.
		"BEDS__AMQP__RETRY_DELAYS_MS=200,500", "BEDS__LOG__COLLECTION=false",
		// The lock of a killed node on a FerretDB document ends after three of these, or 15 s.
		"BEDS__MONGODB__TIMEOUT_MS=5000"}
	if proxied {
		settings = append(settings, "BEDS__AMQP__URLS="+e.Links[LinkBroker].Addr(),
			"BEDS__MARIADB__ADDRESS="+e.Links[LinkMaria].Addr(), "BEDS__MONGODB__URI=mongodb://"+e.Links[LinkMongo].Addr()+"/")
	}
	return stack.NewNode(name, binary, e.NodeDir, append(settings, more...)...)
}

// clientURL is the clients' way to RabbitMQ, through the proxy.
func (e *Env) clientURL() string {
	u, err := url.Parse(e.AMQP)
	if err != nil {
		return e.AMQP
	}
	path := u.EscapedPath()
	u.Host, u.Path, u.RawPath = e.Links[LinkClient].Addr(), "", ""
	return u.String() + path
}

// Close ends the nodes and the proxies.
func (e *Env) Close(ctx context.Context) error {
	var errs []error
	for _, n := range append(e.Extra, e.Node) {
		if n != nil && n.Running() {
			_, err := n.Drain(30 * time.Second)
			errs = append(errs, err)
		}
	}
	for _, p := range e.Links {
		p.Close()
	}
	if e.DB != nil {
		e.DB.Close(ctx)
	}
	return errors.Join(errs...)
}

// journalPath is the journal of one case.
func (e *Env) journalPath(tag string) string { return filepath.Join(e.Dir, "journal", tag+".jsonl") }

// Versions asks the servers who they are.
func (e *Env) Versions(ctx context.Context) string {
	maria, mongo := "?", "?"
	_ = e.DB.Maria.QueryRowContext(ctx, "SELECT VERSION()").Scan(&maria) // for the report only
	var info struct {
		Version  string `bson:"version"`
		FerretDB struct {
			Version string `bson:"version"`
		} `bson:"ferretdb"`
		Ferret string `bson:"ferretdbVersion"`
	}
	if err := e.DB.Mongo.RunCommand(ctx, bson.D{{Key: "buildInfo", Value: 1}}).Decode(&info); err == nil {
		mongo = "MongoDB " + info.Version
		switch v := info.FerretDB.Version + info.Ferret; v {
		case "":
		case "unknown": // embedded, it does not know
			mongo = "FerretDB as in devstack/go.mod"
		default:
			mongo = "FerretDB " + v
		}
	}
	return fmt.Sprintf("Servers: RabbitMQ %s, MariaDB %s, %s. Go %s.", e.Broker.Version(), maria, mongo, runtime.Version())
}
