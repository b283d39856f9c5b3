package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beds-project/beds/runtime/session"
)

// ErrRunning is returned by a second Run.
var ErrRunning = errors.New("pool: it runs already, or has run")

// Pool runs the brokers of a node. Create it with [New], start it with [Pool.Run], end it
// with [Pool.Drain] or the end of Run's context.
type Pool struct {
	cfg    Config
	log    *slog.Logger
	groups []*group // fixed after New

	hard context.Context // ends when the pool is torn down; handlers run under it
	kill context.CancelFunc

	consume, publish *session.Conn
	confirmed        *session.Publisher
	replier          *replier
	guard            *replyGuard
	tags             atomic.Uint64
	declared         atomic.Uint64 // id of the consuming session on which the topology was declared
	declaring        sync.Mutex
	directing        sync.Mutex // declares the direct exchange

	mu       sync.Mutex
	running  bool // connections are open, consumers may start
	started  bool
	draining bool
	drained  chan struct{} // closed when Drain is through
	drainErr error
}

// New checks cfg and brokers, reports all mistakes at once and connects to nothing.
func New(cfg Config, brokers []Broker) (*Pool, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(brokers); err != nil {
		return nil, err
	}
	p := &Pool{cfg: cfg, log: cfg.Logger, drained: make(chan struct{})}
	p.guard = newReplyGuard(p.tryReplyNode)
	for _, b := range brokers {
		for _, queue := range b.Queues {
			p.groups = append(p.groups, &group{broker: &b, queue: queue, wanted: b.Instances})
		}
	}
	return p, nil
}

// Run connects, declares the topology and consumes until ctx ends; then it drains, bounded
// by Config.DrainTimeout. It returns nil when everything in hand was finished. A broker that
// is away is waited for; see session.Probe for a start that should fail instead.
func (p *Pool) Run(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		return err
	}
	select {
	case <-p.drained:
	case <-ctx.Done():
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.DrainTimeout)
		defer cancel()
		return p.Drain(limit)
	}
	return p.drainErr
}

func (p *Pool) start(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.started {
		return ErrRunning
	}
	p.started = true
	// Draining outlives ctx, so nothing below may end with it.
	p.hard, p.kill = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if p.consume, err = p.open("consume"); err != nil {
		p.kill()
		return err
	}
	if p.publish, err = p.open("publish"); err != nil {
		p.kill()
		return err
	}
	p.confirmed = session.NewPublisher(p.publish, 0)
	p.replier = newReplier(p.hard, p.publish, p.guard, p.log)
	p.running = true
	for _, g := range p.groups {
		g.adjust(p)
	}
	go p.keepTopology()
	return nil
}

// topologyInterval is how soon a deleted exchange or binding comes back. The broker tells a
// consumer that its queue is gone; of exchanges and bindings it tells nobody.
const topologyInterval = 5 * time.Second

// keepTopology declares the topology now and then until the pool drains.
func (p *Pool) keepTopology() {
	tick := time.NewTicker(topologyInterval)
	defer tick.Stop()
	for {
		select {
		case <-p.hard.Done():
			return
		case <-tick.C:
		}
		p.mu.Lock()
		running := p.running && !p.draining
		p.mu.Unlock()
		if running && p.publish.State() == session.Up {
			p.redeclare(p.hard)
			p.keepDirect()
		}
	}
}

// open makes one of the two connections. They are kept apart because a broker in an alarm
// stops reading from those that publish, acknowledgements included.
func (p *Pool) open(purpose string) (*session.Conn, error) {
	cfg := p.cfg.Session
	cfg.Name = fmt.Sprintf("%s %s", p.cfg.NodeID, purpose)
	return session.Open(p.hard, cfg)
}

// Drain stops consuming, lets handlers finish, sends their replies and acknowledgements and
// closes the connections, all while ctx lasts. What is not finished then is given back to
// the broker, and an error says how many deliveries that were. It is never a reason to
// quarantine anything. A second Drain waits for the first.
func (p *Pool) Drain(ctx context.Context) error {
	p.mu.Lock()
	if !p.running {
		p.mu.Unlock()
		return nil
	}
	if p.draining {
		p.mu.Unlock()
		select {
		case <-p.drained:
			return p.drainErr
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.draining = true
	var stopping []*consumer
	for _, g := range p.groups {
		stopping = append(stopping, g.adjust(p)...)
	}
	p.mu.Unlock()

	err := waitFor(ctx, stopping)
	left := p.inFlight()
	err = errors.Join(err, p.shut(ctx))
	if err != nil {
		p.drainErr = fmt.Errorf("pool: the drain was cut short with %d deliveries in hand, which the broker keeps: %w", left, err)
	}
	close(p.drained)
	return p.drainErr
}

// shut closes what is left, in the order in which each depends on the next.
func (p *Pool) shut(ctx context.Context) error {
	defer p.kill()
	return errors.Join(p.replier.close(ctx), p.confirmed.Close(ctx), p.consume.Close(ctx), p.publish.Close(ctx))
}

// Ready says whether every consumer that should be subscribed is. A paused queue does not
// count; a draining pool is never ready.
func (p *Pool) Ready() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.running || p.draining {
		return false
	}
	for _, g := range p.groups {
		if !g.ready() {
			return false
		}
	}
	return p.publish.State() == session.Up
}

// Stats returns a snapshot.
func (p *Pool) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	var st Stats
	for _, g := range p.groups {
		st.Queues = append(st.Queues, g.stats.snapshot(g.broker.Name, g.queue, g.wanted, g.paused))
	}
	if p.running {
		st.Consume, st.Publish = p.consume.Stats(), p.publish.Stats()
	}
	return st
}

func (p *Pool) inFlight() (n int) {
	for _, g := range p.groups {
		n += int(g.stats.inFlight.Load())
	}
	return n
}

func (p *Pool) nextTag() string { return p.cfg.NodeID + "-" + strconv.FormatUint(p.tags.Add(1), 10) }

// declareOnce declares the topology the first time a consuming session is used. A refusal
// is logged and not fatal: the queues may be there all the same, made by an operator.
func (p *Pool) declareOnce(s *session.Session) {
	p.declaring.Lock()
	defer p.declaring.Unlock()
	if p.declared.Load() == s.ID() {
		return
	}
	p.declared.Store(s.ID())
	if err := s.Declare(p.cfg.Topology); err != nil {
		p.log.Error("the topology could not be declared", "error", err)
	}
	go p.declareDirect(s) // there may be thousands of bindings, and nobody has to wait for them
}

// declareDirect declares the direct exchange. Clients do without it where that fails.
func (p *Pool) declareDirect(s *session.Session) {
	p.directing.Lock()
	defer p.directing.Unlock()
	if err := s.DeclareDirect(p.cfg.Topology); err != nil && s.Err() == nil {
		p.log.Warn("the direct exchange could not be declared; clients use the topic exchange", "error", err)
	}
}

// keepDirect declares the direct exchange again when it is gone.
func (p *Pool) keepDirect() {
	s, err := p.publish.Session(p.hard)
	if err != nil {
		return
	}
	if there, err := s.HasDirect(p.cfg.Topology.Exchange); err == nil && !there {
		p.declareDirect(s)
	}
}

// redeclare declares the topology again because something of it was found missing.
func (p *Pool) redeclare(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	p.declaring.Lock()
	defer p.declaring.Unlock()
	if err := session.Declare(ctx, p.publish, p.cfg.Topology); err != nil {
		p.log.Error("the topology could not be declared again", "error", err)
	}
}

// milliseconds is how AMQP writes an expiration.
func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
