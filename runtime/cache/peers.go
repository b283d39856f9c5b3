package cache

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime"
	"github.com/beds-project/beds/runtime/lineage"
)

// Lease is how long a node that hears nothing goes on answering from memory, and how
// long a write waits for a node that does not answer.
const Lease = time.Second

// beats are how many a node sends within a lease: all but one may be late.
const beats = 4

// maxMembers bounds the nodes that one node knows.
const maxMembers = 1000

// Peers keeps the caches of several nodes together.
//
// A node that changed a record tells the others, and acknowledges the write when all of
// them have forgotten the record, or a lease after RabbitMQ took the message. Either is
// enough, because a node answers from memory only under a lease: every node sends beats
// through the exchange to its own queue too, and one that was sent less than a lease ago
// must have come back. What lay in the queue before it has then been read. So a node
// whose feed is cut, slow or stopped sends its reads to the store by the time that the
// writer stops waiting for it.
//
// A node that begins, or begins again, waits a lease with an empty cache before it
// answers from it: by then every node that has a lease knows it by its beat. A node is
// forgotten when it was not heard for two leases, between two beats of a node with a
// lease there are never more; and a node that has had a lease for less than two waits a
// whole lease for every write, since it may not know everybody yet. Only durations on
// one node are compared, never clocks of two.
type Peers struct {
	self       runtime.GUID
	lease      time.Duration // Lease; tests take less
	clock      func() int64
	forget     func(template string, ids []runtime.GUID, all bool)
	clear      func()
	caches     bool
	publish    func(ctx context.Context, key string, body []byte) error // returns when confirmed
	fresh      atomic.Int64                                             // until then the lease lasts
	serving    atomic.Int64                                             // from then on the cache may be used
	settled    atomic.Int64                                             // from then on all members are known
	announced  atomic.Int64
	late, odd  atomic.Int64
	ctx        context.Context
	stop       context.CancelFunc
	publishing sync.WaitGroup

	mu      sync.Mutex
	members map[runtime.GUID]int64 // when they were heard
	lanes   map[string]*lane
	flights map[uint64]*flight
	seq     uint64
}

// NewPeers makes the node's part. caches is false for a node that tells of its writes
// and keeps nothing itself. Nothing is served before a [Link] brings the first beat back.
func NewPeers(c *Cache, caches bool) *Peers {
	p := &Peers{
		self: runtime.GUID(lineage.NewV7()), lease: Lease, clock: c.clock, forget: c.Invalidate, clear: c.Clear, caches: caches,
		members: map[runtime.GUID]int64{}, lanes: map[string]*lane{}, flights: map[uint64]*flight{},
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// Serving reports whether reads may be answered from memory at a time of the cache's
// clock.
func (p *Peers) Serving(now int64) bool {
	return p.caches && now < p.fresh.Load() && now >= p.serving.Load()
}

// Lost ends the lease: the feed is cut.
func (p *Peers) Lost() { p.fresh.Store(0) }

// beat is sent several times within a lease.
func (p *Peers) beat() []byte {
	m := message{Kind: kindBeat, From: p.self, At: p.clock(), Caches: p.caches}
	return m.encode()
}

// returned takes a beat of our own that has come back.
func (p *Peers) returned(sent int64) {
	now := p.clock()
	if sent > now || sent+int64(p.lease) <= now {
		return
	}
	if now >= p.fresh.Load() {
		p.clear()
		p.serving.Store(now + int64(p.lease))
		p.settled.Store(now + 2*int64(p.lease))
	}
	p.fresh.Store(sent + int64(p.lease))
}

// receive handles one message of the feed, in the order of the queue. The answer, if
// there is one, is to be published under the key.
func (p *Peers) receive(body []byte) (key string, answer []byte) {
	m, ok := decode(body)
	switch {
	case !ok:
		p.odd.Add(1)
		p.clear()
	case m.From == p.self:
		if m.Kind == kindBeat {
			p.returned(m.At)
		}
	case m.Kind == kindBeat && m.Caches:
		p.heard(m.From)
	case m.Kind == kindBye:
		p.left(m.From)
	case m.Kind == kindAck:
		p.acked(m.Seq, m.From)
	case m.Kind == kindEvent:
		p.forget(m.Template, m.IDs, m.All)
		ack := message{Kind: kindAck, From: p.self, Seq: m.Seq}
		return ackKey + m.From.String(), ack.encode()
	}
	return "", nil
}

// heard notes a member and drops those that were not heard for two leases.
func (p *Peers) heard(id runtime.GUID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	p.prune(now)
	if _, known := p.members[id]; !known && len(p.members) >= maxMembers {
		p.settled.Store(now + 2*int64(p.lease)) // not everybody is known
		return
	}
	p.members[id] = now
}

// prune drops members that have no lease any more; p.mu is held.
func (p *Peers) prune(now int64) {
	for id, at := range p.members {
		if now-at >= 2*int64(p.lease) {
			delete(p.members, id)
		}
	}
}

// Leave tells the others that this node serves nothing any more; goodbye sends it.
func (p *Peers) Leave(goodbye func(key string, body []byte)) {
	p.Lost()
	m := message{Kind: kindBye, From: p.self}
	goodbye(beatKey, m.encode())
}

// Close ends announcements that are under way.
func (p *Peers) Close() {
	p.stop()
	p.publishing.Wait()
}

// PeerStats is a snapshot.
type PeerStats struct {
	Serving   bool  // reads are answered from memory
	Members   int   // other nodes with a cache
	Announced int64 // messages to them
	Late      int64 // writes acknowledged before every other node was known to have forgotten
	Odd       int64 // messages that this build does not understand
}

// Stats returns a snapshot.
func (p *Peers) Stats() PeerStats {
	now := p.clock()
	p.mu.Lock()
	p.prune(now)
	members := len(p.members)
	p.mu.Unlock()
	return PeerStats{p.Serving(now), members, p.announced.Load(), p.late.Load(), p.odd.Load()}
}
