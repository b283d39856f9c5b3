package node

import (
	"context"
	"errors"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/client"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/logging"
	"github.com/beds-project/beds/runtime/ops"
)

// startOps opens the operator's listener, so that a port that is taken stops the
// start and not the work.
func (n *Node) startOps(context.Context) error {
	n.metrics = ops.NewRegistry()
	ops.RegisterProcess(n.metrics)
	n.gauges = newGauges(n.metrics)
	if n.cfg.Health.Listen == "" {
		return nil
	}
	server, err := ops.Listen(ops.Options{Listen: n.cfg.Health.Listen, Checks: n.checks(), Metrics: n.metrics, Version: n.Version})
	if err != nil {
		return err
	}
	n.ops = server
	n.onClose(func(context.Context) { server.Close() }) //nolint:errcheck // the process ends
	n.log.Info("health listener", "resource", "ops", "address", "http://"+server.Address())
	return nil
}

// checks are what a node must pass to be ready: brokers subscribed, stores and
// RabbitMQ round-tripped.
func (n *Node) checks() []ops.Check {
	checks := []ops.Check{
		{Name: "brokers", Run: func(context.Context) error {
			if !n.pool.Ready() {
				return errors.New("not all brokers are subscribed")
			}
			return nil
		}},
		{Name: "rabbitmq", Run: n.pingBroker},
	}
	for name, store := range n.stores.byName {
		checks = append(checks, ops.Check{Name: name, Run: store.Ping})
	}
	return checks
}

// pingBroker sends a request through RabbitMQ and back. A node without rBroker
// only checks that the broker takes a message.
func (n *Node) pingBroker(ctx context.Context) error {
	n.probeMu.Lock()
	defer n.probeMu.Unlock()
	if n.probe == nil {
		c, err := n.dial(ctx, "probe", n.log)
		if err != nil {
			return err
		}
		n.probe = c
		n.onClose(func(context.Context) { c.Close() }) //nolint:errcheck // the process ends
	}
	_, err := n.probe.Call(ctx, &envelope.Request{Op: envelope.OpPing}, runtime.Rec)
	if errors.Is(err, client.ErrNoRoute) && n.cfg.BrokerServices.AppServer.RBroker == 0 {
		return nil
	}
	return err
}

// serveOps runs the operator's listener and tells systemd.
func (n *Node) serveOps(ctx context.Context) error {
	go n.announce(ctx)
	if n.ops == nil {
		<-ctx.Done()
		return nil
	}
	return n.ops.Run(ctx)
}

// announce waits until all brokers are subscribed, then says ready; it keeps the
// gauges up to date and serves systemd's watchdog until ctx ends.
func (n *Node) announce(ctx context.Context) {
	const interval = time.Second
	go ops.RunWatchdog(ctx, n.log, nil) //nolint:errcheck // logged by the next start; a node works without
	ready := false
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			ops.NotifyStopping() //nolint:errcheck // not under systemd
			return
		case <-tick.C:
		}
		n.gauges.observe(n)
		if !ready && n.pool.Ready() {
			ready = true
			close(n.subscribed)
			tick.Reset(interval)
			n.log.Info("ready", "resource", "ipl", "took", time.Since(n.begin).Round(time.Millisecond))
			ops.NotifyReady() //nolint:errcheck // not under systemd
		}
	}
}

// A pruner forgets idempotency records.
type pruner interface {
	Prune(ctx context.Context, olderThan time.Duration, limit int) (int64, error)
}

// pruneLimit is how many records one call removes, so that none holds locks long.
const pruneLimit = 1000

// prune removes idempotency records past their retention, until ctx ends.
func (n *Node) prune(ctx context.Context) {
	if n.cfg.Idempotency.PruneInterval <= 0 {
		return
	}
	tick := time.NewTicker(n.cfg.Idempotency.PruneInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for name, store := range n.stores.byName {
			if p, ok := store.(pruner); ok {
				n.pruneStore(ctx, name, p)
			}
		}
	}
}

func (n *Node) pruneStore(ctx context.Context, name string, p pruner) {
	for ctx.Err() == nil {
		removed, err := p.Prune(ctx, n.cfg.Idempotency.Retention, pruneLimit)
		if err != nil {
			n.log.WarnContext(logging.Local(ctx), "idempotency records not pruned", "resource", name, "error", err)
			return
		}
		n.gauges.store.With(name, "pruned").Add(float64(removed))
		if removed < pruneLimit {
			return
		}
	}
}
