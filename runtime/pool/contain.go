package pool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// outcome is what a delivery came to. It is passed down rather than returned, because a
// handler that ends its goroutine returns to nobody.
type outcome struct {
	Result
	stack string // hash, when the handler crashed
}

// call runs a handler and turns its crash into a quarantine. A panic ends here. Goexit,
// which t.Fatal and some frameworks use, cannot be stopped: it goes on through the deferred
// functions of handle, which settles the delivery, and work, which replaces the worker.
func (sub *subscription) call(ctx context.Context, handler Handler, d *Delivery, out *outcome) {
	finished := false
	defer func() {
		if !finished {
			value := recover()
			out.stack = stackHash()
			out.Result = sub.crashed(d, value, out.stack)
		}
	}()
	out.Result = handler(ctx, d)
	finished = true
}

// crashed counts and logs a crash and says what becomes of its message. What was panicked
// with is logged only when it is a runtime error: any other value may quote the message.
func (sub *subscription) crashed(d *Delivery, value any, stack string) Result {
	sub.stats().panics.Add(1)
	what := fmt.Sprintf("panic with a %T", value)
	switch v := value.(type) {
	case runtime.Error:
		what = v.Error()
	case nil:
		what = "the handler ended its goroutine"
	}
	sub.pool.log.Error("a handler crashed; its message is quarantined", "broker", sub.group.broker.Name,
		"queue", d.Queue, "message_id", d.MessageID, "what", what, "stack_hash", stack, "stack", callers())
	res := Result{Verdict: Quarantine, Code: CodePanic, Reason: what}
	res.Reply = sub.crashReply(d)
	return res
}

// crashReply asks the configured function, which may crash on the same message; that must
// not take the process along.
func (sub *subscription) crashReply(d *Delivery) (body []byte) {
	if sub.pool.cfg.Crashed == nil {
		return nil
	}
	defer func() {
		if recover() != nil {
			sub.pool.log.Error("making the reply for a crash crashed too", "message_id", d.MessageID)
		}
	}()
	return sub.pool.cfg.Crashed(d)
}

// crashSite returns the frames of a crash, from where it happened to the worker.
func crashSite() []runtime.Frame {
	var pcs [64]uintptr
	n := runtime.Callers(3, pcs[:])
	frames := runtime.CallersFrames(pcs[:n])
	var site []runtime.Frame
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "(*subscription).decide") {
			return site
		}
		site = append(site, frame)
		if !more {
			return site
		}
	}
}

// stackHash is equal for equal crashes of one build, whatever the addresses.
func stackHash() string {
	h := sha256.New()
	for _, f := range crashSite() {
		_, _ = io.WriteString(h, fmt.Sprintf("%s:%d\n", f.Function, f.Line))
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// callers writes the stack as text, functions and lines only: arguments could be data.
func callers() string {
	var b strings.Builder
	for _, f := range crashSite() {
		fmt.Fprintf(&b, "%s (%s:%d)\n", f.Function, f.File, f.Line)
	}
	return b.String()
}
