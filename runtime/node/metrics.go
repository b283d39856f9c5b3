package node

import (
	"github.com/beds-project/beds/runtime/group"
	"github.com/beds-project/beds/runtime/ops"
	"github.com/beds-project/beds/runtime/session"
	"github.com/beds-project/beds/runtime/store/maria"
)

// gauges mirror the snapshots of pool, sessions and grouping for /metrics.
type gauges struct {
	queue, session, group, store, template, log *ops.GaugeVec
	cache                                       cacheGauges
}

func newGauges(r *ops.Registry) *gauges {
	return &gauges{
		queue:    r.Gauge("beds_queue", "What one broker did on one queue since the start, by kind; in_flight, wanted and subscribed are present values.", "broker", "queue", "kind"),
		session:  r.Gauge("beds_session", "AMQP connections: sessions, lost, blocks since the start; up is 1 or 0.", "purpose", "kind"),
		log:      r.Gauge("beds_log", "Log events for the collection: sent and dropped since the start, pending now.", "kind"),
		store:    r.Gauge("beds_store", "Stores: breaker open (1 or 0), times opened, calls refused, calls under way, forgotten keys since the start.", "store", "kind"),
		template: r.Gauge("beds_template", "Requests in work of the templates that have a bound of their own.", "template", "kind"),
		group:    r.Gauge("beds_group", "Store calls, the requests that they served and those refused, since the start; those waiting.", "store", "kind"),
		cache:    newCacheGauges(r),
	}
}

func (g *gauges) observe(n *Node) {
	stats := n.pool.Stats()
	for i := range stats.Queues {
		q := &stats.Queues[i]
		for kind, v := range map[string]float64{
			"wanted": float64(q.Wanted), "subscribed": float64(q.Subscribed), "in_flight": float64(q.InFlight),
			"delivered": float64(q.Delivered), "redelivered": float64(q.Redelivered), "done": float64(q.Done),
			"replied": float64(q.Replied), "retried": float64(q.Retried), "quarantined": float64(q.Quarantined),
			"panics": float64(q.Panics), "expired": float64(q.Expired), "too_large": float64(q.TooLarge),
			"bad_reply_to": float64(q.BadReplyTo), "stale": float64(q.Stale),
		} {
			g.queue.With(q.Broker, q.Queue, kind).Set(v)
		}
	}
	g.observeSession("consume", stats.Consume)
	g.observeSession("publish", stats.Publish)
	if n.sink != nil {
		g.log.With("sent").Set(float64(n.sink.Sent()))
		g.log.With("dropped").Set(float64(n.sink.Dropped()))
		g.log.With("pending").Set(float64(n.sink.Pending()))
	}
	g.cache.observe(&n.caching)
	for name, busy := range n.factory.InWork() {
		g.template.With(name, "in_work").Set(float64(busy))
	}
	for name, s := range n.stores.guarded {
		st := s.Stats()
		open := 0.0
		if st.Open {
			open = 1
		}
		g.store.With(name, "open").Set(open)
		g.store.With(name, "opened").Set(float64(st.Opened))
		g.store.With(name, "refused").Set(float64(st.Refused))
		g.store.With(name, "under_way").Set(float64(st.Busy))
		if m, ok := n.stores.byName[name].(*maria.Store); ok {
			st := m.Stats()
			g.store.With(name, "retries").Set(float64(st.Retries))
			g.store.With(name, "connections").Set(float64(st.Open))
			g.store.With(name, "connections_busy").Set(float64(st.Busy))
			g.store.With(name, "connection_waits").Set(float64(st.Waits))
			g.store.With(name, "dials").Set(float64(st.Dials))
		}
	}
	for name, s := range n.stores.grouped {
		if s, ok := s.(*group.Store); ok {
			st := s.Stats()
			g.group.With(name, "calls").Set(float64(st.Calls))
			g.group.With(name, "items").Set(float64(st.Items))
			g.group.With(name, "refused").Set(float64(st.Refused))
			g.group.With(name, "waiting").Set(float64(st.Waiting))
		}
	}
}

func (g *gauges) observeSession(purpose string, s session.Stats) {
	up := 0.0
	if s.State == session.Up {
		up = 1
	}
	g.session.With(purpose, "up").Set(up)
	g.session.With(purpose, "sessions").Set(float64(s.Sessions))
	g.session.With(purpose, "lost").Set(float64(s.Lost))
	g.session.With(purpose, "blocks").Set(float64(s.Blocks))
}
