package logging

import "time"

// An Event is a log event as the log collection stores it: the fields of
// recs/mst_logger_rec.toml.
type Event struct {
	// EventID, ParentID, RootID and Depth are the lineage of the request that
	// the event belongs to; empty outside requests.
	EventID  string
	ParentID string
	RootID   string
	Depth    int
	// Level is debug, info, warn or error; LevelVal grows with severity: -4, 0,
	// 4 and 8, so that a range finds "warn and worse".
	Level    string
	LevelVal int
	// Resource is the part of the node that speaks, from the attribute of that
	// name; Service, Env and Node say which node it is.
	Resource string
	Service  string
	Env      string
	Node     string
	// File, Method and Line are the place in the code.
	File   string
	Method string
	Line   int
	// Trace is a stack, from the attribute of that name.
	Trace string
	// Message is the message with its attributes as key=value, escaped.
	Message string
	Created time.Time
}

// A Sink takes events for the log collection. Emit must neither block nor fail
// the caller, and may be called concurrently; see [Async].
type Sink interface {
	Emit(Event)
}

// sinkOutput hands entries to a sink.
type sinkOutput struct{ sink Sink }

func (s sinkOutput) write(e *entry) error {
	if !e.local {
		s.sink.Emit(e.event())
	}
	return nil
}

func (e *entry) event() Event {
	return Event{
		EventID: e.lineage.EventID, ParentID: e.lineage.ParentID, RootID: e.lineage.RootID, Depth: e.lineage.Depth,
		Level: levelName(e.level), LevelVal: int(e.level),
		Resource: e.resource, Service: e.origin.service, Env: e.origin.env, Node: e.origin.node,
		File: e.file, Method: e.method, Line: e.line, Trace: e.trace,
		Message: bound(string(e.appendLine(nil)), MaxMessageBytes), Created: e.time.UTC(),
	}
}
