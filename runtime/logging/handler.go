package logging

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"

	"github.com/beds-project/beds/runtime/lineage"
)

// origin is what every event of a node has in common.
type origin struct{ service, env, node string }

// handler is the slog.Handler in front of all outputs: it flattens, masks and
// bounds an event once, for all of them.
type handler struct {
	level   slog.Leveler
	outputs []output
	origin  origin
	// fields are those of With, finished; prefix is that of WithGroup.
	fields []field
	prefix string
}

// Enabled implements slog.Handler.
func (h *handler) Enabled(_ context.Context, l slog.Level) bool {
	return len(h.outputs) > 0 && l >= h.level.Level()
}

// Handle implements slog.Handler. One output's failure doesn't keep an event
// from the others.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	e := entry{
		time: r.Time, level: r.Level, message: bound(Scrub(r.Message), MaxMessageBytes),
		origin: h.origin, lineage: lineage.From(ctx), fields: slices.Clone(h.fields),
		local: isLocal(ctx),
	}
	e.locate(r.PC)
	r.Attrs(func(a slog.Attr) bool {
		e.fields = appendAttr(e.fields, h.prefix, a)
		return true
	})
	e.settle()
	var errs []error
	for _, o := range h.outputs {
		errs = append(errs, o.write(&e))
	}
	return errors.Join(errs...)
}

// WithAttrs implements slog.Handler.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.fields = slices.Clone(h.fields)
	for _, a := range attrs {
		c.fields = appendAttr(c.fields, h.prefix, a)
	}
	return &c
}

// WithGroup implements slog.Handler.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	c := *h
	c.prefix = h.prefix + name + "."
	return &c
}

// locate finds the line of code that logged.
func (e *entry) locate(pc uintptr) {
	if pc == 0 {
		return
	}
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	e.file, e.line, e.method = lastParts(frame.File, 2), frame.Line, lastParts(frame.Function, 1)
}

// localKey marks contexts whose events stay on this machine.
type localKey struct{}

// Local returns a context whose events never go to the Sink. What publishes
// log events must log its own troubles with it, or each would breed another.
func Local(ctx context.Context) context.Context { return context.WithValue(ctx, localKey{}, true) }

func isLocal(ctx context.Context) bool { return ctx.Value(localKey{}) != nil }
