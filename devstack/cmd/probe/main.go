// Command probe asks the development servers in their own protocols. The scripts use it instead of guessing from
// open ports or log lines.
//
//	probe check  KIND ADDRESS          the server answers a request (exit 0), or why it does not (exit 1)
//	probe write  KIND ADDRESS TOKEN    store a durable mark
//	probe read   KIND ADDRESS TOKEN    the mark is there
//	probe ports  N                     print N loopback ports that are free now
//	probe free   PORT...               these ports are free (exit 0), or which are not (exit 1)
//	probe listening PID...             print each address these processes listen on (Linux)
//
// KIND is rabbitmq (an amqp:// address), mariadb (a DSN of go-sql-driver) or mongodb (a mongodb:// address).
// No message repeats an address: it holds a password.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// patience is how long one attempt may take; the scripts repeat attempts for as long as the server lives.
const patience = 3 * time.Second

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "probe: %v\n", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: probe check|write|read KIND ADDRESS [TOKEN], probe ports N, probe free PORT..., probe listening PID")

func run(args []string) error {
	if len(args) < 2 {
		return errUsage
	}
	switch command, rest := args[0], args[1:]; command {
	case "check", "write", "read":
		return ask(command, rest)
	case "ports":
		return printFreePorts(rest[0])
	case "free":
		return requireFree(rest)
	case "listening":
		return printListening(rest)
	default:
		return errUsage
	}
}

// server is what can be asked of each kind.
type server interface {
	check(ctx context.Context, address string) error
	write(ctx context.Context, address, token string) error
	read(ctx context.Context, address, token string) error
}

var servers = map[string]server{"rabbitmq": rabbitMQ{}, "mariadb": mariaDB{}, "mongodb": mongoDB{}}

func ask(command string, args []string) error {
	if len(args) < 2 || (command != "check" && len(args) < 3) {
		return errUsage
	}
	s, ok := servers[args[0]]
	if !ok {
		return fmt.Errorf("unknown kind %q; use rabbitmq, mariadb or mongodb", args[0])
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	switch command {
	case "write":
		return s.write(ctx, args[1], args[2])
	case "read":
		return s.read(ctx, args[1], args[2])
	default:
		return s.check(ctx, args[1])
	}
}

func number(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1<<22 {
		return 0, fmt.Errorf("%q is not a number that makes sense here", text)
	}
	return n, nil
}
