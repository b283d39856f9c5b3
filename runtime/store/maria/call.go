package maria

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"
	"unsafe"

	"github.com/beds-project/beds/runtime/envelope"
)

// A callKind says what a broken call means.
type callKind uint8

const (
	readCall   callKind = iota // nothing was done, whatever happened
	writeCall                  // may have been done; safe to repeat with the same keys
	objectCall                 // may have been done; never repeated
)

const (
	firstPause = 2 * time.Millisecond  // before the second attempt, then doubled
	minTimeout = 10 * time.Millisecond // shortest statement limit that is worth sending
)

// A rowFunc is handed each row of a result set with the names of its columns.
type rowFunc func(columns []string, values []driver.Value) error

// call runs CALL procedure('json'). body builds the JSON; see literal.
func (s *Store) call(ctx context.Context, procedure string, kind callKind, body []byte, row rowFunc) error {
	st := s.begin(ctx, procedure)
	st.text = append(st.text, body...)
	return s.finish(ctx, st, kind, row)
}

// A statement is a CALL whose argument is being appended to text. It is pooled: that
// of a batch has a hundred kilobytes.
type statement struct {
	procedure string
	text      []byte
}

// keepStatement bounds the text that a pooled statement keeps.
const keepStatement = 1 << 20

var statements = sync.Pool{New: func() any { return new(statement) }}

// begin opens a call; the caller appends the JSON and calls finish.
func (s *Store) begin(ctx context.Context, procedure string) *statement {
	st := statements.Get().(*statement)
	st.procedure = procedure
	st.text = s.appendLimit(ctx, st.text[:0])
	st.text = append(st.text, "CALL `"...)
	st.text = append(st.text, procedure...)
	st.text = append(st.text, "`('"...)
	return st
}

// finish runs the call and gives the statement back.
func (s *Store) finish(ctx context.Context, st *statement, kind callKind, row rowFunc) error {
	st.text = append(st.text, "')"...)
	// The driver copies the text into its own buffer and keeps nothing of it.
	err := s.run(ctx, unsafe.String(unsafe.SliceData(st.text), len(st.text)), kind, row)
	if err != nil {
		s.errs.Add(1)
		err = classify(err, kind, st.procedure)
	}
	if cap(st.text) <= keepStatement {
		statements.Put(st)
	}
	return err
}

// appendLimit bounds each statement of the call by what is left of the caller's
// deadline: the server goes on running what a closed connection had started.
func (s *Store) appendLimit(ctx context.Context, b []byte) []byte {
	deadline, ok := ctx.Deadline()
	if !ok {
		return b
	}
	left := time.Until(deadline)
	if left >= s.config.StatementTimeout {
		return b
	}
	b = append(b, "SET STATEMENT max_statement_time="...)
	b = strconv.AppendFloat(b, max(left, minTimeout).Seconds(), 'f', 3, 64)
	return append(b, " FOR "...)
}

// run sends a statement, again where the server rolled it back for the sake of
// another transaction. The error is unclassified.
func (s *Store) run(ctx context.Context, query string, kind callKind, row rowFunc) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := s.once(ctx, query, kind, row)
		if err == nil || kind != writeCall || attempt >= s.config.Attempts || !isRolledBack(err) {
			return err
		}
		s.retries.Add(1)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

// once sends a statement on one connection. A pooled connection that turns out to
// be dead before anything was sent is replaced.
func (s *Store) once(ctx context.Context, query string, kind callKind, row rowFunc) error {
	for {
		c, err := s.pool.get(ctx)
		if err != nil {
			return &unsentError{err}
		}
		s.calls.Add(1)
		err = s.query(ctx, c.Conn, query, row)
		s.pool.put(c, kind != objectCall && (err == nil || isHarmless(err, kind)))
		if !errors.Is(err, driver.ErrBadConn) {
			return err
		}
		if c.fresh {
			return &unsentError{err}
		}
	}
}

// query runs a statement and hands every row of its first result set to row.
func (s *Store) query(ctx context.Context, c driver.Conn, query string, row rowFunc) error {
	rows, err := c.(driver.QueryerContext).QueryContext(ctx, query, nil)
	if err != nil {
		return err
	}
	n, err := drain(rows, row)
	s.rows.Add(int64(n))
	return err
}

// drain reads all result sets of a call to their end and returns the first error
// of any step. A procedure's error that comes after a result set shows nowhere
// else than at the step to the next one. Values are valid until row returns.
func drain(rows driver.Rows, row rowFunc) (n int, err error) {
	defer func() {
		if cerr := rows.Close(); err == nil {
			err = cerr
		}
	}()
	for set := 0; ; set++ {
		columns := rows.Columns()
		values := make([]driver.Value, len(columns))
		for {
			if err := rows.Next(values); err == io.EOF {
				break
			} else if err != nil {
				return n, err
			}
			n++
			if set > 0 || row == nil {
				continue
			}
			if err := row(columns, values); err != nil {
				return n, err
			}
		}
		next, ok := rows.(driver.RowsNextResultSet)
		if !ok || !next.HasNextResultSet() {
			return n, nil
		}
		if err := next.NextResultSet(); err == io.EOF {
			return n, nil
		} else if err != nil {
			return n, err
		}
	}
}

// A shapeError is an answer that is not what the procedure's contract says.
type shapeError struct{ text string }

func (e *shapeError) Error() string { return e.text }

func badShape(format string, args ...any) error {
	return &shapeError{fmt.Sprintf(format, args...)}
}

// An unsentError happened before the statement reached the server.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

// internalError is a fault of BEDS or of the installation.
func internalError(cause error, message string) error {
	return envelope.Wrap(envelope.Internal, cause, message)
}
