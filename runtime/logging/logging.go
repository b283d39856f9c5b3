// Package logging writes one log event to every place that wants it: the
// console, the systemd journal, the log collection. An event carries the
// lineage of the request that it belongs to, taken from its context.
//
// Nothing a client sends can forge a line or a field, and what looks like a
// secret is masked before any output sees it.
package logging

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Options says where events go. Without any output they go nowhere.
type Options struct {
	// Level is the least severe level that is kept; nil is Info. A
	// *slog.LevelVar can be changed while the node runs.
	Level slog.Leveler
	// Console receives readable lines; nil is none.
	Console io.Writer
	// Color says whether the console's lines are coloured.
	Color Color
	// Journald sends events to the systemd journal.
	Journald bool
	// Sink receives events for the log collection; nil is none. See [Async].
	Sink Sink
	// Service, Env and Node are stamped on every event.
	Service, Env, Node string
}

// New returns a logger for the outputs. Close it last: events logged after
// that are lost to the sink, if it is an io.Closer, and harmless otherwise.
func New(o Options) (*slog.Logger, io.Closer, error) {
	if o.Level == nil {
		o.Level = slog.LevelInfo
	}
	h := &handler{level: o.Level, origin: origin{service: o.Service, env: o.Env, node: o.Node}}
	if o.Console != nil {
		h.outputs = append(h.outputs, newConsole(o.Console, o.Color))
	}
	if o.Journald {
		j, err := newJournald()
		if err != nil {
			return nil, nil, err
		}
		h.outputs = append(h.outputs, j)
	}
	var closing closer
	if o.Sink != nil {
		h.outputs = append(h.outputs, sinkOutput{o.Sink})
		closing.sink, _ = o.Sink.(io.Closer)
	}
	return slog.New(h), &closing, nil
}

// closer closes what New was given to own.
type closer struct{ sink io.Closer }

func (c *closer) Close() error {
	if c.sink == nil {
		return nil
	}
	return c.sink.Close()
}

// ParseLevel reads a level as the configuration has it.
func ParseLevel(s string) (slog.Level, error) {
	for _, l := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if s == levelName(l) {
			return l, nil
		}
	}
	return 0, fmt.Errorf("logging: unknown level %q; use debug, info, warn or error", s)
}

// levelName is the lower-case name of the class that a level is in: an
// operator filters by four names, not by debug-3.
func levelName(l slog.Level) string {
	switch {
	case l < slog.LevelInfo:
		return "debug"
	case l < slog.LevelWarn:
		return "info"
	case l < slog.LevelError:
		return "warn"
	}
	return "error"
}

// An output takes finished entries. It doesn't keep them.
type output interface {
	write(e *entry) error
}

// errNoJournal is returned where no journal listens.
var errNoJournal = errors.New(strings.Join([]string{
	"logging: there is no systemd journal on this machine (no socket at /run/systemd/journal/socket)",
	"set journald = false in [log], or run the node under systemd with the socket mounted into its container",
}, "; "))
