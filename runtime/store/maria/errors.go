package maria

import (
	"context"
	"errors"
	"strings"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-sql-driver/mysql"
)

// Numbers of the server's errors that mean something to the node.
const (
	errTooManyConnections  = 1040
	errDatabaseDenied      = 1044
	errAccessDenied        = 1045
	errUnknownDatabase     = 1049
	errShutdown            = 1053
	errTableFull           = 1114
	errNoTable             = 1146
	errPacketTooLarge      = 1153
	errTooManyUserConns    = 1203
	errLockWait            = 1205
	errDeadlock            = 1213
	errUserLimit           = 1226
	errReadOnlyOption      = 1290
	errNoProcedure         = 1305
	errInterrupted         = 1317
	errExecuteDenied       = 1370
	errNoDefiner           = 1449
	errSignal              = 1644
	errReadOnlyTransaction = 1792
	errReadOnlyMode        = 1836
	errKilled              = 1927
	errStatementTime       = 1969
)

// isRolledBack reports whether the server undid the call for the sake of another
// transaction, so that the same call may be sent again.
func isRolledBack(err error) bool {
	n := number(err)
	return n == errDeadlock || n == errLockWait
}

// isHarmless reports whether a connection can go on after an error: the server
// answered, and no transaction can be open. The procedures roll back before they
// pass on an error, but some errors pass their handlers by.
func isHarmless(err error, kind callKind) bool {
	switch number(err) {
	case 0, errInterrupted, errKilled, errShutdown:
		return false
	case errSignal:
		return true
	}
	return kind == readCall
}

// number is the server's error number, or 0.
func number(err error) uint16 {
	if e := (*mysql.MySQLError)(nil); errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// classify turns an error of the driver into one of the catalogue. Its message is
// for callers and names neither addresses nor statements; the cause is for the log.
func classify(err error, kind callKind, procedure string) error {
	if e := (*envelope.Error)(nil); errors.As(err, &e) {
		return e
	}
	if e := (*mysql.MySQLError)(nil); errors.As(err, &e) {
		return fromServer(e, kind, procedure)
	}
	switch {
	case errors.As(err, new(*shapeError)):
		return internalError(err, "the procedure "+procedure+" gave an answer that this node does not understand")
	case errors.Is(err, mysql.ErrPktTooLarge):
		return envelope.Wrap(envelope.TooLarge, err, "the request is larger than a packet of the database")
	case errors.As(err, new(*unsentError)):
		return unsent(err)
	case kind != readCall:
		return envelope.Wrap(envelope.Unknown, err, "the connection to the database broke during the call; its effect is unknown")
	case errors.Is(err, context.DeadlineExceeded):
		return envelope.Wrap(envelope.DeadlinePassed, err, "the deadline passed while the database was at work")
	}
	return envelope.Wrap(envelope.Unavailable, err, "the connection to the database broke")
}

// unsent classifies what happened before the call reached the server.
func unsent(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return envelope.Wrap(envelope.DeadlinePassed, err, "the deadline passed before a connection to the database was free")
	case errors.Is(err, errClosed):
		return envelope.Wrap(envelope.Draining, err, "the node has closed its connections to the database")
	}
	return envelope.Wrap(envelope.Unavailable, err, "the database cannot be reached")
}

// fromServer classifies what the server answered.
func fromServer(e *mysql.MySQLError, kind callKind, procedure string) error {
	switch e.Number {
	case errTooManyConnections, errTooManyUserConns, errUserLimit:
		return envelope.Wrap(envelope.Busy, e, "the database has no connection free")
	case errDeadlock, errLockWait:
		return envelope.Wrap(envelope.Busy, e, "the record is locked by others; nothing was done")
	case errDatabaseDenied, errAccessDenied, errUnknownDatabase:
		return envelope.Wrap(envelope.Unavailable, e, "the database refuses the node's account")
	case errReadOnlyOption, errReadOnlyTransaction, errReadOnlyMode, errTableFull:
		return envelope.Wrap(envelope.Unavailable, e, "the database takes no writes at present; nothing was done")
	case errPacketTooLarge:
		return envelope.Wrap(envelope.TooLarge, e, "the request is larger than a packet of the database")
	case errNoProcedure, errExecuteDenied, errNoTable, errNoDefiner:
		// The operator's mistake, and nothing was done: the request is good and will be
		// once the object or the right is back.
		return envelope.Wrap(envelope.Unavailable, e, "the object "+procedure+" is missing in the database or this node may not use it; nothing was done")
	case errInterrupted, errStatementTime, errKilled, errShutdown:
		return interrupted(e, kind)
	case errSignal:
		return signalled(e, procedure)
	}
	return internalError(e, "the procedure "+procedure+" failed")
}

// interrupted: somebody or the time limit ended the call.
func interrupted(e *mysql.MySQLError, kind callKind) error {
	switch {
	case kind != readCall:
		return envelope.Wrap(envelope.Unknown, e, "the database interrupted the call; its effect is unknown")
	case e.Number == errStatementTime:
		return envelope.Wrap(envelope.DeadlinePassed, e, "the deadline passed while the database was at work")
	}
	return envelope.Wrap(envelope.Unavailable, e, "the database interrupted the call")
}

// signalled reads BEDS:code:text, what a procedure raises on purpose.
func signalled(e *mysql.MySQLError, procedure string) error {
	rest, ok := strings.CutPrefix(e.Message, "BEDS:")
	code, text, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 {
		return internalError(e, "the procedure "+procedure+" failed")
	}
	return envelope.Wrap(envelope.Code(code), e, text)
}
