package session

import (
	"fmt"
	"time"
)

// State is what a [Conn] is doing.
type State int32

// The states of a Conn. Blocked is Up with the broker refusing publishes because of a
// memory or disk alarm.
const (
	Connecting State = iota
	Up
	Blocked
	Down // between two attempts, and for good after Close
)

// String returns the state in lower case, as logs and metrics show it.
func (s State) String() string {
	switch s {
	case Connecting:
		return "connecting"
	case Up:
		return "up"
	case Blocked:
		return "blocked"
	case Down:
		return "down"
	}
	return fmt.Sprintf("state(%d)", int32(s))
}

// Stats is a snapshot of a [Conn]'s counters, all since Open.
type Stats struct {
	Name     string
	State    State
	Host     string    // host:port of the present or last session; never user or password
	Since    time.Time // of the last change of state
	Attempts uint64    // connections tried
	Sessions uint64    // connections that came up
	Lost     uint64    // sessions that ended without being asked to
	Blocks   uint64    // times the broker blocked publishing
	Flushes  uint64    // writes to the network by the present session
	OutBytes uint64    // bytes written by the present session
}
