package group

import (
	"fmt"
	"runtime/debug"

	"github.com/beds-project/beds/runtime/envelope"
)

// panicError keeps the stack of a store's panic for the log.
func panicError(r any) error {
	return envelope.Wrap(envelope.Internal, fmt.Errorf("panic: %v\n%s", r, debug.Stack()),
		"a fault of BEDS; the log has the cause under this event")
}
