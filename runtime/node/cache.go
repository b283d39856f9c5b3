package node

import (
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/cache"
	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/ops"
)

// caching is the node's cache with its link to the other nodes. A node none of whose
// templates has a cache has none of it.
type caching struct {
	cache *cache.Cache
	peers *cache.Peers
	used  bool
}

func (n *Node) openCache() {
	c := n.cfg.Cache
	n.caching.cache = cache.New(cache.Config{Entries: c.Records, Bytes: c.MemoryBytes})
	n.caching.peers = cache.NewPeers(n.caching.cache, n.keepsRecords())
}

// life is how long the node keeps records of a template, and whether it tells other
// nodes of its writes: it does where it keeps none itself, but the template has a cache.
func life(cfg *config.Config, t *runtime.Template) (life time.Duration, tells bool) {
	life = t.Behaviour.Cache
	if own := cfg.Templates[t.Name]; own != nil && own.Cache != nil {
		life = *own.Cache
	}
	tells = life > 0 || t.Behaviour.Cache > 0
	if cfg.Cache.MemoryBytes == 0 {
		life = 0
	}
	return life, tells
}

func (n *Node) keepsRecords() bool {
	for _, r := range n.Registrations {
		if d, _ := life(n.cfg, r.Template); d > 0 {
			return true
		}
	}
	return false
}

// cachedStore gives the store of a template, behind the cache where there is one.
func (n *Node) cachedStore(t *runtime.Template) (runtime.Store, error) {
	s, err := n.stores.of(t)
	d, tells := life(n.cfg, t)
	if err != nil || !tells {
		return s, err
	}
	n.caching.used = true
	return cache.Wrap(s, t, d, n.caching.cache, n.caching.peers), nil
}

// connectCache joins the other nodes, once all templates are in the cache.
func (n *Node) connectCache() error {
	if !n.caching.used {
		return nil
	}
	sc, err := SessionConfig(n.cfg, n.log)
	if err != nil {
		return err
	}
	sc.Name = n.cfg.Node + " cache"
	link, err := cache.Connect(sc, n.cfg.AMQP.Exchange, n.cfg.AMQP.QueueTag, n.caching.peers)
	if err == nil {
		n.onClose(link.Close)
	}
	return err
}

// cacheGauges mirror the cache for /metrics.
type cacheGauges struct{ template, node *ops.GaugeVec }

func newCacheGauges(r *ops.Registry) cacheGauges {
	return cacheGauges{
		template: r.Gauge("beds_cache", "Reads answered from memory (hits), from the store (misses), past the cache (bypassed), and records forgotten for a change (invalidated), since the start.", "template", "kind"),
		node:     r.Gauge("beds_cache_node", "The node's cache: records, bytes, serving (1 or 0) and other members now; evicted, announced, late and odd since the start.", "kind"),
	}
}

func (g *cacheGauges) observe(c *caching) {
	if !c.used {
		return
	}
	s, p := c.cache.Stats(), c.peers.Stats()
	for name, t := range s.Templates {
		g.template.With(name, "hits").Set(float64(t.Hits))
		g.template.With(name, "misses").Set(float64(t.Misses))
		g.template.With(name, "bypassed").Set(float64(t.Bypassed))
		g.template.With(name, "invalidated").Set(float64(t.Invalidated))
	}
	serving := 0.0
	if p.Serving {
		serving = 1
	}
	for kind, v := range map[string]float64{
		"records": float64(s.Entries), "bytes": float64(s.Bytes), "evicted": float64(s.Evicted), "serving": serving,
		"members": float64(p.Members), "announced": float64(p.Announced), "late": float64(p.Late), "odd": float64(p.Odd),
	} {
		g.node.With(kind).Set(v)
	}
}
