package suite

import (
	"context"
	"fmt"
	"time"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/stack"
)

func nodes() []Fault {
	return []Fault{
		{Name: "one-id", Doc: "a second node with the same id; then it is killed", Run: oneID},
		{Name: "drain", Doc: "SIGTERM under full load while a second node runs; then the other way round", Short: true, Smooth: true, Run: drain},
		{Name: "swap", Doc: "every few seconds a new node joins and the old one drains", Smooth: true, Run: swap},
		{Name: "old-new", Doc: "an older build joins, works side by side with the new one and leaves", Smooth: true, Run: oldNew},
	}
}

// second starts another node, straight to the servers.
func (e *Env) second(ctx context.Context, name, binary string, settings ...string) (*stack.Node, error) {
	n, err := e.NewNode(name, binary, false, settings...)
	if err != nil {
		return nil, err
	}
	e.Extra = append(e.Extra, n)
	return n, n.Start(ctx)
}

// leave drains a node and files what goes wrong.
func (e *Env) leave(n *stack.Node) {
	took, err := n.Drain(30 * time.Second)
	if err != nil {
		e.Found(check.Unexpected, n.Name, "%v", err)
	}
	e.Note("%s drained in %s", n.Name, took.Round(time.Millisecond))
}

func oneID(ctx context.Context, e *Env) error {
	n, err := e.second(ctx, e.Node.Name, e.Binary)
	if err != nil {
		return err
	}
	sleep(ctx, 3*time.Second)
	return n.Kill()
}

func drain(ctx context.Context, e *Env) error {
	n, err := e.second(ctx, "faults-b", e.Binary)
	if err != nil {
		return err
	}
	sleep(ctx, time.Second)
	e.leave(e.Node)
	sleep(ctx, time.Second)
	if err := e.Node.Start(ctx); err != nil {
		return err
	}
	e.leave(n)
	return nil
}

func swap(ctx context.Context, e *Env) error {
	old := e.Node
	rounds := max(3, int(e.Duration/(5*time.Second)))
	for i := range rounds {
		n, err := e.second(ctx, fmt.Sprintf("faults-s%d", i), e.Binary)
		if err != nil {
			return err
		}
		e.leave(old)
		old = n
		sleep(ctx, 2*time.Second)
	}
	if err := e.Node.Start(ctx); err != nil {
		return err
	}
	e.leave(old)
	return nil
}

func oldNew(ctx context.Context, e *Env) error {
	if e.Old == "" {
		e.Note("skipped, there is no older build: %s", e.NoOld)
		return nil
	}
	n, err := e.second(ctx, "faults-old", e.Old)
	if err != nil {
		return err
	}
	sleep(ctx, 3*time.Second)
	e.leave(e.Node)
	sleep(ctx, 2*time.Second)
	if err := e.Node.Start(ctx); err != nil {
		return err
	}
	e.leave(n)
	return nil
}
