package install

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Role is the role that the emitted accounts.sql makes: it may execute the
// procedures and nothing else.
const Role = "beds_executor"

// Account makes the account that a node logs in with, or gives an existing one
// this password, and grants it Role and nothing else. config names a privileged
// account; the new one may come from any host.
func Account(ctx context.Context, config *mysql.Config, user, password string) error {
	if user == "" || password == "" {
		return errors.New("install: the node's account needs a user and a password; set them in [mariadb]")
	}
	if user == "root" || user == config.User {
		return fmt.Errorf("install: %q is a privileged account; give the node one of its own in [mariadb]", user)
	}
	conn, closeAll, err := connect(ctx, config, false)
	if err != nil {
		return err
	}
	defer closeAll()
	account := literal(user) + "@'%'"
	for _, statement := range []string{
		"CREATE USER IF NOT EXISTS " + account + " IDENTIFIED BY " + literal(password),
		"ALTER USER " + account + " IDENTIFIED BY " + literal(password),
		"GRANT " + Role + " TO " + account,
		"SET DEFAULT ROLE " + Role + " FOR " + account,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			verb, _, _ := strings.Cut(statement, " ") // the statement holds the password
			return fmt.Errorf("install: %s for the node's account %q: %w", verb, user, err)
		}
	}
	return nil
}

// literal is a string literal, whatever the server's sql_mode says of backslashes:
// it refuses to rely on them by doubling both.
func literal(s string) string {
	return "'" + strings.NewReplacer("'", "''", `\`, `\\`).Replace(s) + "'"
}
