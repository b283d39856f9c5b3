package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"syscall"
	"time"

	"github.com/beds-project/beds/devstack/faults/check"
	"github.com/beds-project/beds/devstack/faults/stack"
)

func nodes() []Fault {
	return []Fault{
		{Name: "one-id", Doc: "a second node with the same id; then it is killed", Run: oneID},
		{Name: "drain", Doc: "SIGTERM under full load while a second node runs; then the other way round", Short: true, Smooth: true, Run: drain},
		{Name: "second-signal", Doc: "SIGTERM while every order is locked, and a second SIGTERM: the node ends at once with its work undone", Run: secondSignal},
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

// secondSignal: a drain that would take long is cut short by the operator's impatience.
func secondSignal(ctx context.Context, e *Env) error {
	err := e.onConnection(ctx, func(c *sql.Conn) error {
		if _, err := c.ExecContext(ctx, "LOCK TABLES msOrder WRITE, beds_requests WRITE"); err != nil {
			return err
		}
		sleep(ctx, 500*time.Millisecond)
		if err := e.Node.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		sleep(ctx, 200*time.Millisecond)
		took, err := e.Node.Drain(10 * time.Second)
		e.Note("it ended %s after the second signal (%v)", took.Round(time.Millisecond), err)
		if e.Node.Running() || took > 2*time.Second {
			e.Found(check.Unexpected, e.Node.Name, "it took %v to end after the second signal", took)
		}
		_, err = c.ExecContext(context.WithoutCancel(ctx), "UNLOCK TABLES")
		return err
	})
	heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return errors.Join(err, e.Node.Start(heal))
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
