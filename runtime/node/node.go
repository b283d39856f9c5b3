// Package node assembles the parts of a BEDS node: configuration, logging, stores,
// factory and brokers. It is the only package that knows all of them.
package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/lineage"
	"github.com/beds-project/beds/runtime/logging"
	"github.com/beds-project/beds/runtime/ops"
	"github.com/beds-project/beds/runtime/pool"
	"github.com/beds-project/beds/runtime/session"
)

// Options are what a node is made of.
type Options struct {
	Config        *config.Config
	Registrations []runtime.Registration
	// Console receives readable log lines where the configuration wants them.
	Console io.Writer
	// Version is shown by /buildinfo and at start.
	Version string
}

// A Node is a running node.
type Node struct {
	Options
	cfg     *config.Config
	log     *slog.Logger
	closers []func(context.Context)
	stores  *stores
	factory *runtime.Factory
	pool    *pool.Pool
	source  lineage.Source
	metrics *ops.Registry
	gauges  *gauges
	ops     *ops.Server
	begin   time.Time
	sink    *logging.Async // nil without the log collection
	// subscribed is closed when all brokers consume, failed when the start ended early.
	subscribed, failed chan struct{}

	caching caching

	probeMu sync.Mutex
	probe   *client.Client // made by the first readiness check
}

// Run starts a node, serves until ctx ends and drains. The error of a start-up
// step names the step, what is wrong and what to do.
func Run(ctx context.Context, o Options) error {
	n := &Node{Options: o, cfg: o.Config, subscribed: make(chan struct{}), failed: make(chan struct{})}
	tune(&n.cfg.Limits)
	defer n.close()
	if err := n.start(ctx); err != nil {
		close(n.failed)
		if n.log != nil {
			n.log.Error("start failed", "error", err)
		}
		return err
	}
	return n.serve(ctx)
}

// start runs the IPL: each step is logged with its duration, and the first that
// fails ends it.
func (n *Node) start(ctx context.Context) error {
	n.begin = time.Now()
	if err := n.startLogging(); err != nil {
		return err
	}
	n.log.Info("starting", "resource", "ipl", "version", n.Version, "env", string(n.cfg.Env), "node", n.cfg.Node, "config", n.cfg.Dir)
	startup := n.cfg.Deadlines.Startup
	steps := []struct {
		name string
		run  func(context.Context) error
	}{
		{"templates", n.startTemplates},
		{"rabbitmq", n.startRabbitMQ},
		{"mongodb", n.startMongoDB},
		{"mariadb", n.startMariaDB},
		{"factory", n.startFactory},
		{"brokers", n.startBrokers},
		{"ops", n.startOps},
	}
	for _, step := range steps {
		t := time.Now()
		stepCtx, cancel := context.WithTimeout(ctx, startup)
		err := step.run(stepCtx)
		cancel()
		if err != nil {
			return fmt.Errorf("start-up step %s: %w", step.name, err)
		}
		n.log.Info("step done", "resource", "ipl", "step", step.name, "took", time.Since(t).Round(10*time.Microsecond))
	}
	return nil
}

func (n *Node) onClose(f func(context.Context)) { n.closers = append(n.closers, f) }

// close undoes the start in reverse order, within the drain budget.
func (n *Node) close() {
	ctx, cancel := context.WithTimeout(context.Background(), n.cfg.Deadlines.Drain)
	defer cancel()
	for i := len(n.closers) - 1; i >= 0; i-- {
		n.closers[i](ctx)
	}
}

func (n *Node) startLogging() error {
	var err error
	if n.source, err = lineage.NewSource(n.cfg.WBID, string(n.cfg.Env)); err != nil {
		return err
	}
	level, err := logging.ParseLevel(n.cfg.Log.Level)
	if err != nil {
		return err
	}
	o := logging.Options{Level: level, Journald: n.cfg.Log.Journald, Service: n.service(), Env: string(n.cfg.Env), Node: n.cfg.Node}
	if n.cfg.Log.Console {
		o.Console = n.Console
	}
	local, closer, err := logging.New(o)
	if err != nil {
		return err
	}
	n.log = local
	n.onClose(func(context.Context) { closer.Close() }) //nolint:errcheck // there is no sink yet
	if !n.cfg.Log.Collection || !n.has(loggerTemplate) {
		return nil
	}
	return n.startLogFeed(o, local)
}

// startLogFeed adds the log queue as an output. The feed's own session logs to
// the local outputs only.
func (n *Node) startLogFeed(o logging.Options, local *slog.Logger) error {
	feed := &logFeed{env: string(n.cfg.Env)}
	sink := logging.NewAsync(func(ctx context.Context, events []logging.Event) error {
		select { // the exchange is there once the brokers are subscribed
		case <-n.subscribed:
		case <-n.failed:
			return nil // the start failed; the local outputs have it all
		case <-ctx.Done():
			return ctx.Err()
		}
		if feed.client == nil {
			c, err := n.dial(ctx, "logs", local)
			if err != nil {
				return err
			}
			feed.client = c
		}
		return feed.send(ctx, events)
	}, logging.AsyncOptions{Buffer: n.cfg.Log.Buffer})
	n.sink = sink
	o.Sink = sink
	log, closer, err := logging.New(o)
	if err != nil {
		return err
	}
	n.log = log
	n.onClose(func(context.Context) {
		closer.Close() //nolint:errcheck // what could not be sent is counted as dropped
		if feed.client != nil {
			feed.client.Close() //nolint:errcheck // the process ends
		}
	})
	return nil
}

func (n *Node) service() string {
	if len(n.cfg.BrokerServices.Roles) > 0 {
		return n.cfg.BrokerServices.Roles[0]
	}
	return ""
}

func (n *Node) has(template string) bool {
	for _, r := range n.Registrations {
		if r.Template.Name == template {
			return true
		}
	}
	return false
}

func (n *Node) startTemplates(context.Context) error {
	for _, r := range n.Registrations {
		if err := runtime.Prepare(r.Template); err != nil {
			return fmt.Errorf("%w; run bedsgen generate and build again", err)
		}
	}
	for name := range n.cfg.Templates {
		if !n.has(name) {
			return fmt.Errorf("[templates.%s] is about a template that this binary does not have", name)
		}
	}
	return nil
}

// dial opens a client connection of the node's own.
func (n *Node) dial(ctx context.Context, purpose string, log *slog.Logger) (*client.Client, error) {
	sc, err := SessionConfig(n.cfg, log)
	if err != nil {
		return nil, err
	}
	return client.Dial(ctx, client.Config{URLs: sc.URLs, TLS: sc.TLS, Exchange: n.cfg.AMQP.Exchange, ReplyPrefix: n.cfg.AMQP.ReplyPrefix,
		Name: n.cfg.Node + " " + purpose, Logger: log})
}

func (n *Node) startRabbitMQ(ctx context.Context) error {
	sc, err := SessionConfig(n.cfg, n.log)
	if err != nil {
		return err
	}
	if err := session.Probe(ctx, sc); err != nil {
		return fmt.Errorf("%w; %s", err, hint(n.cfg, err, rabbitMQ))
	}
	return nil
}

func (n *Node) startMongoDB(ctx context.Context) error {
	n.stores = newStores(n.cfg)
	n.onClose(func(ctx context.Context) { n.stores.close(ctx) })
	if !n.cfg.MongoDB.Enabled {
		return nil
	}
	store, err := OpenMongo(ctx, n.cfg, n.log)
	if err != nil {
		return fmt.Errorf("%w; %s", err, hint(n.cfg, err, mongoDB))
	}
	n.stores.add(store)
	missing, err := store.Capabilities(ctx)
	if err != nil {
		return err
	}
	for _, m := range missing {
		if n.cfg.Env.IsProd() {
			return fmt.Errorf("the document server cannot do everything that the templates need: %s", m)
		}
		n.log.Warn("not enforced by this document server", "resource", "mongodb", "feature", m)
	}
	return n.stores.verify(ctx, store.Name(), n.Registrations)
}

func (n *Node) startMariaDB(ctx context.Context) error {
	if !n.cfg.MariaDB.Enabled {
		return nil
	}
	store, err := openMaria(ctx, n.cfg, n.log)
	if err != nil {
		return fmt.Errorf("%w; %s", err, hint(n.cfg, err, mariaDB))
	}
	n.stores.add(store)
	if err := store.VerifyPrivileges(ctx); err != nil {
		if n.cfg.Env.IsProd() {
			return err
		}
		n.log.Warn("the account can do more than execute", "resource", "mariadb", "error", err)
	}
	return n.stores.verify(ctx, store.Name(), n.Registrations)
}

func (n *Node) startFactory(context.Context) error {
	n.openCache()
	var err error
	n.factory, err = runtime.NewFactory(runtime.FactoryConfig{
		Store: n.cachedStore, Access: access(n.cfg), MaxReply: n.cfg.Limits.ReplyBytes, MaxPage: n.cfg.Limits.Page,
		Concurrency: func(t *runtime.Template) int {
			if own := n.cfg.Templates[t.Name]; own != nil {
				return own.Concurrency
			}
			return 0
		},
	}, n.Registrations)
	if err != nil {
		return err
	}
	return n.connectCache()
}

// access applies [templates.NAME] access.
func access(cfg *config.Config) runtime.Access {
	return func(userID string, t *runtime.Template, op string) *envelope.Error {
		if own := cfg.Templates[t.Name]; own != nil && !own.Allows(op, userID) {
			return envelope.Errorf(envelope.Forbidden, "user %q may not %s %s", clip(userID), op, t.Name)
		}
		return nil
	}
}

func (n *Node) limits() envelope.Limits {
	l := n.cfg.Limits
	return envelope.Limits{Body: l.BodyBytes, Depth: l.Depth, Keys: l.Keys, Batch: l.Batch}
}

func (n *Node) startBrokers(ctx context.Context) error {
	desk, err := n.openTickets()
	if err != nil {
		return err
	}
	handle := func(kind string) pool.Handler {
		h := &handler{
			factory: n.factory, limits: n.limits(), node: n.cfg.Node, source: n.source, log: n.log, kind: kind, tickets: desk,
			deadlines: deadlines{n.cfg.Deadlines.Default, n.cfg.Deadlines.Max},
		}
		return h.serve
	}
	plan, err := planQueues(n.cfg, n.Registrations, handle, logWriter(n.factory, n.log, n.cfg.Deadlines.Default))
	if err != nil {
		return err
	}
	sc, err := SessionConfig(n.cfg, n.log)
	if err != nil {
		return err
	}
	large := &handler{limits: n.limits(), node: n.cfg.Node, log: n.log}
	n.pool, err = pool.New(pool.Config{
		Session: sc, Topology: plan.topology, ReplyPrefix: n.cfg.AMQP.ReplyPrefix,
		MaxBody: n.cfg.Limits.BodyBytes, MaxAttempts: n.cfg.AMQP.MaxAttempts, DrainTimeout: n.cfg.Deadlines.Drain,
		TooLarge: func(d *pool.Delivery) pool.Result {
			req, err := large.decode(d)
			return large.conclude(context.Background(), d, req, envelope.Result{Err: err}, time.Now())
		},
		Expired: func(d *pool.Delivery) pool.Result {
			req, err := large.decode(d)
			if err == nil || err.Code != envelope.Malformed {
				err = envelope.Errorf(envelope.DeadlinePassed, "the deadline passed before the work began; nothing was done")
			}
			return large.conclude(context.Background(), d, req, envelope.Result{Err: err}, time.Now())
		},
		Crashed: large.crashed,
		Logger:  n.log, NodeID: n.cfg.Node,
	}, plan.brokers)
	if err == nil {
		n.stores.onBreaker = n.breaker
	}
	return err
}

// breaker pauses the queues that only a store in trouble serves, and resumes them;
// requests wait in RabbitMQ meanwhile, and those of other stores go on.
func (n *Node) breaker(store string, open bool) {
	queues := storeQueues(n.cfg, n.Registrations, store)
	if open {
		n.log.Warn("breaker open: the store cannot be reached", "resource", store, "paused", queues)
	} else {
		n.log.Info("breaker closed: the store answers", "resource", store, "resumed", queues)
	}
	if len(queues) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), n.cfg.Deadlines.Startup)
	defer cancel()
	change := n.pool.Resume
	if open {
		change = n.pool.Pause
	}
	if err := change(ctx, queues...); err != nil {
		n.log.Error("queues not paused or resumed", "resource", store, "error", err)
	}
}

// crashed is the reply to a message whose handler panicked.
func (h *handler) crashed(d *pool.Delivery) []byte {
	err := envelope.Errorf(envelope.Internal, "a fault of BEDS; the log has the cause under this event")
	return envelope.AppendReply(nil, &envelope.Request{EventID: d.MessageID}, &envelope.Result{Err: err}, h.node, 0)
}

// serve runs the brokers and the operator's endpoints until ctx ends, then drains.
func (n *Node) serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	opsDone := make(chan error, 1)
	go func() {
		err := n.serveOps(ctx)
		if err != nil {
			cancel(err)
		}
		opsDone <- err
	}()
	pruned := make(chan struct{})
	go func() {
		defer close(pruned)
		n.prune(ctx)
	}()
	draining := context.AfterFunc(ctx, func() {
		n.log.Info("draining: no new requests, finishing those in hand; a second signal ends at once", "resource", "ipl", "budget", n.cfg.Deadlines.Drain)
	})
	defer draining()
	err := n.pool.Run(ctx)
	cancel(nil)
	<-pruned
	err = errors.Join(err, <-opsDone)
	n.log.Info("stopped", "resource", "ipl", "clean", err == nil)
	return err
}
