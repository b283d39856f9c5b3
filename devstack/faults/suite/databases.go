package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

func databases() []Fault {
	return []Fault{
		{Name: "row-locks", Doc: "a DBA's transaction holds every order's row and the keys of requests", Run: holdLocks},
		{Name: "deadlocks", Doc: "DBA's transactions lock orders in random order, against the node's", Run: deadlocks},
		{Name: "read-only", Doc: "SET GLOBAL read_only", Short: true, Hold: 2 * time.Second,
			Begin: statements("SET GLOBAL read_only = 1"), End: statements("SET GLOBAL read_only = 0")},
		{Name: "no-connections", Doc: "all connections of MariaDB are taken, and the node's are killed", Run: takeConnections},
		{Name: "killed-connections", Doc: "a DBA kills the node's connections in the middle of their calls, again and again", Mixes: true, Run: killing("CONNECTION")},
		{Name: "killed-queries", Doc: "a DBA kills the node's statements and leaves the connections, again and again", Mixes: true, Run: killing("QUERY")},
		{Name: "revoked-mariadb", Doc: "EXECUTE on insert and update is revoked and granted again", Hold: 2 * time.Second,
			Begin: statements("REVOKE EXECUTE ON PROCEDURE msOrder_insert FROM beds_executor", "REVOKE EXECUTE ON PROCEDURE msOrder_update FROM beds_executor"),
			End:   statements("GRANT EXECUTE ON PROCEDURE msOrder_insert TO beds_executor", "GRANT EXECUTE ON PROCEDURE msOrder_update TO beds_executor")},
		{Name: "signal", Doc: "a DBA's trigger refuses every change with SIGNAL and BEDS:unavailable", Hold: 2 * time.Second, Mixes: true,
			Begin: statements(signalOn("UPDATE"), signalOn("INSERT")),
			End:   statements("DROP TRIGGER IF EXISTS faults_signal_UPDATE", "DROP TRIGGER IF EXISTS faults_signal_INSERT")},
	}
}

func signalOn(event string) string {
	return fmt.Sprintf(`CREATE OR REPLACE TRIGGER faults_signal_%s BEFORE %s ON msOrder FOR EACH ROW
	  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'BEDS:unavailable:the shop is closed'`, event, event)
}

func statements(list ...string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error { return e.DB.Exec(ctx, list...) }
}

// holdLocks keeps a transaction open on all rows for a while.
func holdLocks(ctx context.Context, e *Env) error {
	tx, err := e.DB.Maria.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only locks
	locked := 0
	for _, q := range []string{"SELECT id FROM msOrder FOR UPDATE", "SELECT id FROM beds_requests FOR UPDATE"} {
		rows, err := tx.QueryContext(ctx, q)
		if err != nil {
			return err
		}
		for rows.Next() {
			locked++
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	e.Note("%d rows locked", locked)
	sleep(ctx, 4*time.Second)
	return nil
}

// deadlocks takes the locks of requests and orders in another order than the
// procedures do, and slowly enough that they meet.
func deadlocks(ctx context.Context, e *Env) error {
	var before, after int
	if err := e.DB.Maria.QueryRowContext(ctx, deadlockCount).Scan(&before); err != nil {
		return err
	}
	victims := 0
	for range 30 {
		if lockAgainst(ctx, e.DB.Maria, e.group()) != nil {
			victims++
		}
	}
	if err := e.DB.Maria.QueryRowContext(ctx, deadlockCount).Scan(&after); err != nil {
		return err
	}
	e.Note("%d deadlocks, in %d of them the DBA was the victim", after-before, victims)
	return ctx.Err()
}

const deadlockCount = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_DEADLOCKS'"

// lockAgainst locks one order after the other, and then a gap of the requests. It
// writes beforehand, because the server prefers the smaller transaction as victim.
func lockAgainst(ctx context.Context, db *sql.DB, group string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only locks
	for i := range 30 {
		if _, err := tx.ExecContext(ctx, "INSERT INTO faults_counter VALUES (UUID(), ?)", i); err != nil {
			return err
		}
	}
	ids, err := someOrders(ctx, db, group)
	if err != nil {
		return err
	}
	for _, id := range ids {
		var n int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM beds_requests WHERE id = ? FOR UPDATE", id).Scan(&n); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT revision FROM msOrder WHERE id = ? FOR UPDATE", id).Scan(&n); err != nil {
			return err
		}
	}
	return nil
}

func someOrders(ctx context.Context, db *sql.DB, group string) (ids [][]byte, err error) {
	rows, err := db.QueryContext(ctx, "SELECT id FROM msOrder WHERE customer_ord = UNHEX(REPLACE(?, '-', '')) AND deleted IS NULL ORDER BY RAND() LIMIT 6", group)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// killing ends the node's sessions, or what they are at, on the server.
func killing(what string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		killed := 0
		for range 40 {
			n, err := kill(ctx, e.DB.Maria, what)
			if err != nil {
				return err
			}
			killed += n
			sleep(ctx, 50*time.Millisecond)
		}
		e.Note("%d killed", killed)
		return nil
	}
}

// kill is KILL QUERY or KILL CONNECTION of all that the node has.
func kill(ctx context.Context, db *sql.DB, what string) (killed int, err error) {
	rows, err := db.QueryContext(ctx, "SELECT id FROM information_schema.PROCESSLIST WHERE user = 'beds_node'")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return killed, err
		}
		if _, err := db.ExecContext(ctx, fmt.Sprintf("KILL %s %d", what, id)); err == nil {
			killed++
		}
	}
	return killed, rows.Err()
}

// takeConnections leaves no connection to the node. Root has one more than the limit.
func takeConnections(ctx context.Context, e *Env) (err error) {
	if err := e.DB.Exec(ctx, "SET GLOBAL max_connections = 10"); err != nil {
		return err
	}
	defer func() {
		heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		err = errors.Join(err, e.DB.Exec(heal, "SET GLOBAL max_connections = 400"))
	}()
	hog, err := sql.Open("mysql", e.MariaDSN)
	if err != nil {
		return err
	}
	defer hog.Close()
	until := time.Now().Add(3 * time.Second)
	for time.Now().Before(until) {
		if _, err := kill(ctx, e.DB.Maria, "CONNECTION"); err != nil {
			return err
		}
		for range 10 {
			c, err := hog.Conn(ctx)
			if err != nil {
				break
			}
			defer c.Close() //nolint:gocritic // they are held until the function ends
		}
		sleep(ctx, 300*time.Millisecond)
	}
	return nil
}
