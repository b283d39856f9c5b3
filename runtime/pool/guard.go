package pool

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/beds-project/beds/runtime/session"
)

const (
	// guardEntries bounds the memory for nodes seen; a cluster has a handful.
	guardEntries = 256
	// guardRate and guardBurst bound the trial connections that strangers can cause. Unknown
	// nodes beyond them are refused; those known already are not affected.
	guardRate  = 500 * time.Millisecond
	guardBurst = 8
	// guardDoubt is how long a refusal is remembered; a node may join the cluster later.
	guardDoubt = time.Minute
	// trialTimeout bounds one trial.
	trialTimeout = 5 * time.Second
)

// replyGuard knows which broker nodes may be named in a direct reply-to token. A token that
// names a node outside of the cluster kills the connection that publishes to it (see
// address.go), and with it the replies of everybody else. So the first token of each node is
// tried on a throwaway connection, with a channel id that is nobody's.
type replyGuard struct {
	try func(ctx context.Context, node string) (good bool, err error)

	recent [64]atomic.Pointer[string] // whole addresses that were found good, see seen

	mu    sync.RWMutex
	good  map[string]bool
	bad   map[string]time.Time // until when
	spent time.Time            // token bucket: when all trials so far are paid for

	trial sync.Mutex // one trial at a time
}

func newReplyGuard(try func(context.Context, string) (bool, error)) *replyGuard {
	return &replyGuard{try: try, good: map[string]bool{}, bad: map[string]time.Time{}}
}

// admits says whether a may be answered. The error means that this could not be found out
// before ctx ended.
func (g *replyGuard) admits(ctx context.Context, a address) (bool, error) {
	if good, known := g.known(a.node); known {
		return good, nil
	}
	g.trial.Lock()
	defer g.trial.Unlock()
	if good, known := g.known(a.node); known {
		return good, nil // somebody else has just tried it
	}
	if !g.pay(time.Now()) {
		return false, nil
	}
	pause := session.Backoff{Min: 50 * time.Millisecond, Max: time.Second}
	for {
		good, err := g.try(ctx, a.node)
		if err == nil {
			g.note(a.node, good)
			return good, nil
		}
		if pause.Wait(ctx) != nil {
			return false, err
		}
	}
}

// seen says whether to was found good lately. A client uses one address for all of its
// requests; taking that apart each time would cost as much as to read the message.
func (g *replyGuard) seen(to string) bool {
	last := g.place(to).Load()
	return last != nil && *last == to
}

// remember makes seen true for to, in place of another one.
func (g *replyGuard) remember(to string) { g.place(to).Store(&to) }

// place is picked by what differs most between addresses: the end of the token's key, in
// front of its padding.
func (g *replyGuard) place(to string) *atomic.Pointer[string] {
	at := 0
	if n := len(to); n >= 5 {
		at = int(to[n-4])*7 + int(to[n-5])
	}
	return &g.recent[at%len(g.recent)]
}

func (g *replyGuard) known(node string) (good, known bool) {
	if node == "" {
		return true, true // a named queue
	}
	g.mu.RLock()
	defer g.mu.RUnlock()
	if g.good[node] {
		return true, true
	}
	until, known := g.bad[node]
	return false, known && time.Now().Before(until)
}

// pay takes one trial from the budget.
func (g *replyGuard) pay(now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.spent.Before(now) {
		g.spent = now
	}
	if g.spent.Sub(now) >= guardBurst*guardRate {
		return false
	}
	g.spent = g.spent.Add(guardRate)
	return true
}

func (g *replyGuard) note(node string, good bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.good) >= guardEntries {
		clear(g.good)
	}
	if len(g.bad) >= guardEntries {
		clear(g.bad)
	}
	if good {
		g.good[node] = true
	} else {
		g.bad[node] = time.Now().Add(guardDoubt)
	}
}

// forget makes every node be tried again: one that was good has left the cluster.
func (g *replyGuard) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	clear(g.good)
	for i := range g.recent {
		g.recent[i].Store(nil)
	}
}

// tryReplyNode publishes to a dead address of node on a connection of its own and sees
// whether the broker survives it.
func (p *Pool) tryReplyNode(ctx context.Context, node string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	cfg := p.cfg.Session
	cfg.Name = p.cfg.NodeID + " reply address trial"
	err := session.Once(ctx, cfg, func(ch *amqp.Channel) error {
		if err := ch.Publish("", directReplyTo+tokenFor(node), false, false, amqp.Publishing{}); err != nil {
			return err
		}
		return ch.Qos(1, 0, false) // answered only after the publish was digested
	})
	if brokerStumbled(err) {
		p.log.Warn("a client named a reply address that the broker cannot resolve; it is refused")
		return false, nil
	}
	return err == nil, err
}

// brokerStumbled says whether a connection was closed for a message that it cannot handle.
func brokerStumbled(err error) bool {
	var reply *amqp.Error
	return errors.As(err, &reply) && reply.Server && reply.Code == amqp.InternalError
}
