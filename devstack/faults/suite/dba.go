package suite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/beds-project/beds/devstack/faults/stack"
)

// dba is what the people who run MariaDB do to it while everybody works.
func dba() []Fault {
	return []Fault{
		{Name: "global-lock", Doc: "FLUSH TABLES WITH READ LOCK for 12 seconds, longer than a statement may take", Run: hold(12*time.Second, "FLUSH TABLES WITH READ LOCK")},
		{Name: "requests-locked", Doc: "LOCK TABLES of the requests' keys", Run: hold(4*time.Second, "LOCK TABLES beds_requests WRITE")},
		{Name: "backup", Doc: "a backup blocks all commits for 5 seconds (BACKUP STAGE BLOCK_COMMIT)", Run: backup},
		{Name: "few-connections", Doc: "the node's account may have a single connection", Hold: 3 * time.Second,
			Begin: both(statements("ALTER USER beds_node WITH MAX_USER_CONNECTIONS 1"), killAll), End: statements("ALTER USER beds_node WITH MAX_USER_CONNECTIONS 0")},
		{Name: "few-queries", Doc: "the node's account may make 20 queries an hour", Hold: 3 * time.Second,
			Begin: both(statements("ALTER USER beds_node WITH MAX_QUERIES_PER_HOUR 20", "FLUSH USER_RESOURCES"), killAll),
			End:   both(statements("ALTER USER beds_node WITH MAX_QUERIES_PER_HOUR 0", "FLUSH USER_RESOURCES"), killAll)},
		{Name: "slow-trigger", Doc: "a DBA's trigger takes 300 ms for every change", Hold: 4 * time.Second,
			Begin: statements(slowOn("UPDATE"), slowOn("INSERT")),
			End:   statements("DROP TRIGGER IF EXISTS faults_slow_UPDATE", "DROP TRIGGER IF EXISTS faults_slow_INSERT")},
		{Name: "procedure-dropped", Doc: "the procedure of inserts is dropped and made anew", Run: dropProcedure},
		{Name: "table-renamed", Doc: "the table of orders is renamed and named back", Hold: 2 * time.Second,
			Begin: statements("RENAME TABLE msOrder TO msOrder_away"), End: statements("RENAME TABLE msOrder_away TO msOrder")},
		{Name: "definer-renamed", Doc: "the account with whose rights the procedures work is renamed and named back", Hold: 2 * time.Second,
			Begin: statements("RENAME USER beds_owner@localhost TO beds_away@localhost"), End: statements("RENAME USER beds_away@localhost TO beds_owner@localhost")},
		{Name: "account-locked", Doc: "the node's account is locked and its connections are killed", Hold: 3 * time.Second,
			Begin: both(statements("ALTER USER beds_node ACCOUNT LOCK"), killAll), End: statements("ALTER USER beds_node ACCOUNT UNLOCK")},
		{Name: "password-mariadb", Doc: "the node's password in MariaDB is changed, its connections are killed, the password is changed back", Run: changePassword},
		{Name: "tiny-packets", Doc: "SET GLOBAL max_allowed_packet = 1024, new connections, and back; what is larger by itself may be refused", Hold: 3 * time.Second,
			Allow: []string{"too_large"}, Begin: both(statements("SET GLOBAL max_allowed_packet = 1024"), killAll), End: statements("SET GLOBAL max_allowed_packet = 67108864")},
		{Name: "short-idle", Doc: "the server closes connections that are idle for a second", Hold: 5 * time.Second,
			Begin: both(statements("SET GLOBAL wait_timeout = 1"), killAll), End: both(statements("SET GLOBAL wait_timeout = 28800"), killAll)},
		{Name: "globals", Doc: "SET GLOBAL of autocommit, isolation, sql_mode, time zone and collation to what nobody expects, new connections, and back", Run: alterGlobals},
		{Name: "ddl", Doc: "the table of orders is rebuilt, analysed and given another column, again and again", Run: alterTable},
		{Name: "flapping-mariadb", Doc: "MariaDB stands still for 400 ms, runs for 400 ms, again and again", Run: flap(stack.MariaDB)},
		{Name: "flapping-mongodb", Doc: "the document server stands still for 400 ms, runs for 400 ms, again and again", Run: flap(stack.MongoDB)},
	}
}

// hold keeps a lock of the server's for as long as its connection lives.
func hold(d time.Duration, lock string) func(context.Context, *Env) error {
	return func(ctx context.Context, e *Env) error {
		return e.onConnection(ctx, func(c *sql.Conn) error {
			if _, err := c.ExecContext(ctx, lock); err != nil {
				return err
			}
			sleep(ctx, d)
			_, err := c.ExecContext(context.WithoutCancel(ctx), "UNLOCK TABLES")
			return err
		})
	}
}

func slowOn(event string) string {
	return fmt.Sprintf("CREATE OR REPLACE TRIGGER faults_slow_%s BEFORE %s ON msOrder FOR EACH ROW DO SLEEP(0.3)", event, event)
}

func backup(ctx context.Context, e *Env) error {
	return e.onConnection(ctx, func(c *sql.Conn) (err error) {
		defer func() {
			_, end := c.ExecContext(context.WithoutCancel(ctx), "BACKUP STAGE END")
			err = errors.Join(err, end)
		}()
		for _, stage := range []string{"START", "FLUSH", "BLOCK_DDL", "BLOCK_COMMIT"} {
			if _, err := c.ExecContext(ctx, "BACKUP STAGE "+stage); err != nil {
				return err
			}
		}
		sleep(ctx, 5*time.Second)
		return ctx.Err()
	})
}

// onConnection works on one connection of root's.
func (e *Env) onConnection(ctx context.Context, work func(*sql.Conn) error) error {
	c, err := e.DB.Maria.Conn(ctx)
	if err != nil {
		return err
	}
	return errors.Join(work(c), c.Close())
}

// killAll leaves the node no connection that it had before. One may just be in the making.
func killAll(ctx context.Context, e *Env) error {
	for range 3 {
		if _, err := kill(ctx, e.DB.Maria, "CONNECTION"); err != nil {
			return err
		}
		sleep(ctx, 100*time.Millisecond)
	}
	return nil
}

func dropProcedure(ctx context.Context, e *Env) error {
	return e.onConnection(ctx, func(c *sql.Conn) error {
		var name, mode, text, charset, collation, database string
		if err := c.QueryRowContext(ctx, "SHOW CREATE PROCEDURE msOrder_insert").Scan(&name, &mode, &text, &charset, &collation, &database); err != nil {
			return err
		}
		if _, err := c.ExecContext(ctx, "DROP PROCEDURE msOrder_insert"); err != nil {
			return err
		}
		sleep(ctx, 2*time.Second)
		heal, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if _, err := c.ExecContext(heal, "SET sql_mode = '"+mode+"'"); err != nil {
			return err
		}
		if _, err := c.ExecContext(heal, text); err != nil {
			return err
		}
		_, err := c.ExecContext(heal, "GRANT EXECUTE ON PROCEDURE msOrder_insert TO beds_executor") // it went with the procedure
		return err
	})
}

// changePassword keeps the hash, so that the old password comes back without being known.
func changePassword(ctx context.Context, e *Env) error {
	var hash string
	if err := e.DB.Maria.QueryRowContext(ctx, "SELECT JSON_VALUE(Priv, '$.authentication_string') FROM mysql.global_priv WHERE User = 'beds_node'").Scan(&hash); err != nil {
		return err
	}
	f := Fault{Hold: 3 * time.Second, Begin: both(statements("ALTER USER beds_node IDENTIFIED BY 'another'"), killAll),
		End: statements("ALTER USER beds_node IDENTIFIED BY PASSWORD '" + hash + "'")}
	return f.perform(ctx, e)
}

// strange are settings of the server that a session inherits unless it has its own.
var strange = map[string]string{"autocommit": "0", "tx_isolation": "'SERIALIZABLE'", "sql_mode": "'ANSI,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH'",
	"time_zone": "'+11:00'", "collation_connection": "latin1_swedish_ci", "completion_type": "'CHAIN'", "group_concat_max_len": "4"}

func alterGlobals(ctx context.Context, e *Env) error {
	var set, back []string
	for name, value := range strange {
		var was string
		if err := e.DB.Maria.QueryRowContext(ctx, "SELECT @@GLOBAL."+name).Scan(&was); err != nil {
			return err
		}
		set, back = append(set, "SET GLOBAL "+name+" = "+value), append(back, fmt.Sprintf("SET GLOBAL %s = %s", name, literal(was)))
	}
	f := Fault{Hold: 4 * time.Second, Begin: both(statements(set...), killAll), End: both(statements(back...), killAll)}
	return f.perform(ctx, e)
}

// literal quotes what is not a number.
func literal(s string) string {
	if _, err := strconv.Atoi(s); err == nil {
		return s
	}
	return "'" + s + "'"
}

func alterTable(ctx context.Context, e *Env) error {
	for range 5 {
		if err := e.DB.Exec(ctx, "ALTER TABLE msOrder FORCE", "ANALYZE TABLE msOrder", "ALTER TABLE msOrder ADD COLUMN faults_note INT NULL",
			"ALTER TABLE msOrder DROP COLUMN faults_note"); err != nil {
			return err
		}
		sleep(ctx, 300*time.Millisecond)
	}
	return nil
}
