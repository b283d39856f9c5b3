package mongo

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/beds-project/beds/runtime/envelope"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	xdriver "go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

// Codes of the server that decide what became of a command.
const (
	codeInternal       = 1
	codeBadValue       = 2
	codeUnauthorized   = 13
	codeAuthFailed     = 18
	codeNamespaceGone  = 26
	codeIndexConflict  = 86
	codeOptionConflict = 85
	codeExists         = 48
	codeTimedOut       = 50
	codeConcernFailed  = 64
	codeShutdown       = 91
	codeWriteConflict  = 112
	codeInvalidRecord  = 121
	codeNotImplemented = 238
	codeTooLarge       = 10334
	codeNotPrimary     = 10107
	codeDuplicate      = 11000
	codeNotPrimaryOld  = 13435
	codeNotSecondary   = 13436
)

// classify turns an error of the driver into one of the catalogue. A write whose
// fate is not known for sure is Unknown; only what certainly did not begin is
// Unavailable. Messages hold no address: that is in the cause, for the log.
func classify(err error, write bool) error {
	var known *envelope.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	if refused(err) {
		return envelope.Wrap(envelope.Internal, err, "the document store refused the account: check its user, password and rights")
	}
	if notStarted(err) {
		return envelope.Wrap(envelope.Unavailable, err, "the document store cannot be reached")
	}
	var ce driver.CommandError
	if errors.As(err, &ce) && !driver.IsNetworkError(err) {
		return classifyCommand(ce, write)
	}
	switch timeout := driver.IsTimeout(err) || errors.Is(err, context.Canceled); {
	case errors.Is(err, xdriver.ErrDeadlineWouldBeExceeded): // not even sent
		return envelope.Wrap(envelope.DeadlinePassed, err, "the deadline passed before the command was sent")
	case write:
		return envelope.Wrap(envelope.Unknown, err, "the answer of the document store was lost")
	case timeout:
		return envelope.Wrap(envelope.DeadlinePassed, err, "the deadline passed while the document store was read")
	}
	return envelope.Wrap(envelope.Unavailable, err, "the connection to the document store broke")
}

// begun is an error that came after the first effect of a call may have happened:
// only with a single item can it still be said that nothing was done.
func begun(err error, items int) error {
	var e *envelope.Error
	if items > 1 && errors.As(err, &e) && e.Code != envelope.Internal && e.Code != envelope.Unknown {
		return envelope.Wrap(envelope.Unknown, err, "the writes were interrupted")
	}
	return err
}

// notStarted reports whether no server was found or no connection made.
func notStarted(err error) bool {
	var selection topology.ServerSelectionError
	var queue topology.WaitQueueTimeoutError
	var dial *net.OpError
	return errors.As(err, &selection) || errors.As(err, &queue) ||
		errors.Is(err, driver.ErrClientDisconnected) ||
		errors.As(err, &dial) && dial.Op == "dial"
}

// refused reports whether the server did not accept the account.
func refused(err error) bool {
	var ce driver.CommandError
	if errors.As(err, &ce) && (ce.Code == codeUnauthorized || ce.Code == codeAuthFailed) {
		return true
	}
	// Failures while a connection is made come as text inside the selection's error.
	return strings.Contains(err.Error(), "auth error")
}

func classifyCommand(err driver.CommandError, write bool) error {
	switch err.Code {
	case codeNotPrimary, codeNotPrimaryOld, codeNotSecondary:
		return envelope.Wrap(envelope.Unavailable, err, "the document store has no primary at the moment")
	case codeShutdown, codeConcernFailed, 11600, 11602, 189:
		if write {
			return envelope.Wrap(envelope.Unknown, err, "the document store was interrupted")
		}
		return envelope.Wrap(envelope.Unavailable, err, "the document store was interrupted")
	case codeTimedOut:
		if write {
			return envelope.Wrap(envelope.Unknown, err, "the document store ran out of time")
		}
		return envelope.Wrap(envelope.DeadlinePassed, err, "the deadline passed while the document store was read")
	case codeWriteConflict:
		return envelope.Wrap(envelope.Busy, err, "the document store had to give way to another write")
	}
	return classifyOther(err, write)
}

// classifyOther reads what FerretDB reports as an internal error.
func classifyOther(err driver.CommandError, write bool) error {
	switch {
	case err.Code != codeInternal:
	case strings.Contains(err.Message, "database is locked"):
		return envelope.Wrap(envelope.Busy, err, "the document store is locked by other writes")
	case strings.Contains(err.Message, "context canceled"), strings.Contains(err.Message, "interrupted"),
		strings.Contains(err.Message, "database is closed"):
		if write {
			return envelope.Wrap(envelope.Unknown, err, "the document store was interrupted")
		}
		return envelope.Wrap(envelope.Unavailable, err, "the document store was interrupted")
	}
	return envelope.Wrap(envelope.Internal, err, "the document store refused a command")
}
