package maria

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/beds-project/beds/runtime/envelope"
	"github.com/go-sql-driver/mysql"
)

// Numbers of the server's errors that mean something to the node.
const (
	errTooManyConnections  = 1040
	errDatabaseDenied      = 1044
	errUnknownDatabase     = 1049
	errShutdown            = 1053
	errNoColumn            = 1054
	errTableDenied         = 1142
	errColumnDenied        = 1143
	errNoTable             = 1146
	errPacketTooLarge      = 1153
	errTooManyUserConns    = 1203
	errLockWait            = 1205
	errDeadlock            = 1213
	errUserLimit           = 1226
	errPrivilege           = 1227
	errReadOnlyOption      = 1290
	errNoProcedure         = 1305
	errInterrupted         = 1317
	errArguments           = 1318
	errBadView             = 1356
	errExecuteDenied       = 1370
	errNoDefiner           = 1449
	errSignal              = 1644
	errReadOnlyTransaction = 1792
	errReadOnlyMode        = 1836
	errKilled              = 1927
	errStatementTime       = 1969
)

// environment are the server's own troubles, with its disk, its memory, its files. The
// call was undone, and it succeeds when somebody has mended the server.
var environment = []uint16{
	1016, 1017, 1021, 1030, 1033, 1034, 1037, 1038, 1041, // files, disk, memory, the engine
	1114, 1135, 1194, 1195, 1206, 1412, 1436, 1615, 1637, 1814, 1932,
}

// isCrowded reports whether the server has no room for another connection.
func isCrowded(e *mysql.MySQLError) bool {
	return e.Number == errTooManyConnections || e.Number == errTooManyUserConns || e.Number == errUserLimit
}

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
	refused := errors.As(err, new(*unsentError))
	if e := (*mysql.MySQLError)(nil); errors.As(err, &e) {
		if refused && !isCrowded(e) {
			return envelope.Wrap(envelope.Unavailable, e, "the database refuses the node's account")
		}
		return fromServer(e, kind, procedure)
	}
	switch {
	case errors.As(err, new(*shapeError)):
		return internalError(err, "the procedure "+procedure+" gave an answer that this node does not understand")
	case errors.Is(err, mysql.ErrPktTooLarge):
		return envelope.Wrap(envelope.TooLarge, err, "the request is larger than a packet of the database")
	case refused:
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
	switch {
	case isCrowded(e):
		return envelope.Wrap(envelope.Busy, e, "the database has no connection free")
	case kind != objectCall && slices.Contains(environment, e.Number):
		return envelope.Wrap(envelope.Unavailable, e, "the database is not able to do its work at present; nothing was done")
	}
	switch e.Number {
	case errDeadlock, errLockWait:
		return envelope.Wrap(envelope.Busy, e, "the record is locked by others; nothing was done")
	case errReadOnlyOption, errReadOnlyTransaction, errReadOnlyMode:
		return envelope.Wrap(envelope.Unavailable, e, "the database takes no writes at present; nothing was done")
	case errPacketTooLarge:
		return envelope.Wrap(envelope.TooLarge, e, "the request is larger than a packet of the database")
	case errTableDenied, errColumnDenied, errPrivilege, errNoColumn, errBadView, errArguments:
		if kind == objectCall {
			break // a DBA's own procedure may have done something before
		}
		fallthrough
	case errNoProcedure, errExecuteDenied, errNoTable, errNoDefiner, errDatabaseDenied, errUnknownDatabase:
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
