package pool

import (
	"context"
	"fmt"
	"slices"
)

// group is the set of equal consumers of one broker on one queue.
type group struct {
	broker *Broker
	queue  string
	stats  counters

	// Guarded by Pool.mu.
	wanted  int
	paused  bool
	running []*consumer
}

// target is how many consumers should run now.
func (g *group) target() int {
	if g.paused {
		return 0
	}
	return g.wanted
}

// ready says whether all consumers that should be subscribed are.
func (g *group) ready() bool { return int(g.stats.subscribed.Load()) >= g.target() }

// adjust starts or stops consumers until the target is met, and returns those that it asked
// to stop. The caller holds Pool.mu.
func (g *group) adjust(p *Pool) (stopping []*consumer) {
	target := g.target()
	if p.draining {
		target = 0
	}
	for len(g.running) < target {
		g.running = append(g.running, p.startConsumer(g))
	}
	if len(g.running) > target {
		stopping = slices.Clone(g.running[target:])
		g.running = g.running[:target]
	}
	for _, c := range stopping {
		c.stop()
	}
	return stopping
}

// Pause stops consuming the queues named, or all without any. It returns when what was in
// hand is finished and acknowledged, or with ctx's error; the pause holds either way.
func (p *Pool) Pause(ctx context.Context, queues ...string) error {
	return p.setPaused(ctx, true, queues)
}

// Resume consumes the queues named again, or all without any.
func (p *Pool) Resume(ctx context.Context, queues ...string) error {
	return p.setPaused(ctx, false, queues)
}

func (p *Pool) setPaused(ctx context.Context, paused bool, queues []string) error {
	return p.change(ctx, func(g *group) (bool, error) {
		if len(queues) > 0 && !slices.Contains(queues, g.queue) {
			return false, nil
		}
		g.paused = paused
		return true, nil
	}, fmt.Sprintf("no broker consumes any of the queues %q", queues))
}

// Scale sets how many consumers a broker has on each of its queues. When there are fewer
// than before it returns once the others have finished, or with ctx's error.
func (p *Pool) Scale(ctx context.Context, broker string, instances int) error {
	if instances < 0 || instances > maxInstances {
		return fmt.Errorf("pool: %d instances; allowed are 0 to %d", instances, maxInstances)
	}
	return p.change(ctx, func(g *group) (bool, error) {
		if g.broker.Name != broker {
			return false, nil
		}
		g.wanted = instances
		return true, nil
	}, fmt.Sprintf("there is no broker %q", broker))
}

// change applies edit to all groups, adjusts them and waits for consumers that must go.
func (p *Pool) change(ctx context.Context, edit func(*group) (bool, error), none string) error {
	p.mu.Lock()
	var stopping []*consumer
	matched := false
	for _, g := range p.groups {
		hit, err := edit(g)
		if err != nil {
			p.mu.Unlock()
			return err
		}
		matched = matched || hit
		if p.running {
			stopping = append(stopping, g.adjust(p)...)
		}
	}
	p.mu.Unlock()
	if !matched {
		return fmt.Errorf("pool: %s", none)
	}
	return waitFor(ctx, stopping)
}

// waitFor waits until all consumers have ended.
func waitFor(ctx context.Context, consumers []*consumer) error {
	for _, c := range consumers {
		select {
		case <-c.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
