package node

import (
	"errors"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/beds-project/beds/runtime/config"
	"github.com/beds-project/beds/runtime/envelope"
	"github.com/beds-project/beds/runtime/session"
)

// A server is one that a node needs, and how to get it.
type server struct {
	name, table string
	account     string // what to do where it refuses the account
}

var (
	rabbitMQ = server{"RabbitMQ", "[amqp]", "user, password and vhost are in [amqp]; rabbitmqctl add_vhost makes a virtual host, rabbitmqctl set_permissions gives rights in it"}
	mongoDB  = server{"the MongoDB server", "[mongodb]", "user and password are in [mongodb]"}
	mariaDB  = server{"MariaDB", "[mariadb]", "user, password and database are in [mariadb]; `beds sql install -create-account` makes the database and the account"}
)

// hint says how to get a server that is missing, or an account that it accepts.
func hint(cfg *config.Config, err error, s server) string {
	if refused(err) {
		return s.account
	}
	where := s.table + " in the configuration says where the node looks"
	if cfg.Env == config.Dev {
		return "is " + s.name + " running? " + where + "; `make up` in a checkout of BEDS starts one for development"
	}
	return "is " + s.name + " running? " + where
}

// refused reports whether a server answered and did not accept the account.
func refused(err error) bool {
	var rabbit *session.AuthError
	var maria *mysql.MySQLError
	var e *envelope.Error
	return errors.As(err, &rabbit) || errors.As(err, &maria) ||
		errors.As(err, &e) && (e.Code != envelope.Unavailable || strings.Contains(e.Message, "refuses"))
}
