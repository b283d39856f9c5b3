package suite

import (
	"context"
	"syscall"
	"time"

	"github.com/beds-project/beds/devstack/faults/stack"
)

// longPause outlasts the watchdog of a session, which is three heartbeats.
const longPause = 3*heartbeat + 3*time.Second

func processes() []Fault {
	faults := []Fault{
		{Name: "none", Doc: "no fault: the load alone, and 20 runs of an object that is not idempotent", Short: true, Run: runNone, Smooth: true},
		{Name: "kill-node", Doc: "kill -9 of the node, restart", Short: true, Mixes: true, Hold: 500 * time.Millisecond,
			Begin: func(_ context.Context, e *Env) error { return e.Node.Kill() },
			End:   func(ctx context.Context, e *Env) error { return e.Node.Start(ctx) }},
		{Name: "pause-node", Doc: "SIGSTOP of the node for longer than three heartbeats", Hold: longPause,
			Begin: func(_ context.Context, e *Env) error { return e.Node.Signal(syscall.SIGSTOP) },
			End:   func(_ context.Context, e *Env) error { return e.Node.Signal(syscall.SIGCONT) }},
	}
	for _, server := range []string{stack.MariaDB, stack.MongoDB, stack.RabbitMQ} {
		faults = append(faults,
			Fault{Name: "kill-" + server, Doc: "kill -9 of " + server + ", restart", Short: true, Mixes: true, Hold: time.Second,
				Begin: servers("kill", server), End: servers("start", server)},
			Fault{Name: "pause-" + server, Doc: "SIGSTOP of " + server + " for longer than three heartbeats", Hold: longPause,
				Begin: servers("pause", server), End: servers("resume", server)})
	}
	return faults
}

func servers(command, name string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error { return e.Servers.Do(ctx, command, name) }
}
