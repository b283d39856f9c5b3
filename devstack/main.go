// Command devstack is the MongoDB-speaking server of a development machine: FerretDB with its embedded SQLite
// backend, started with one folder and one loopback address.
//
//	devstack -listen 127.0.0.1:27017 -state DIR
//
// It prints one line once it accepts connections ("devstack: ready on mongodb://127.0.0.1:27017/") and ends cleanly,
// with exit code 0, on SIGINT or SIGTERM. It is not part of the product: it lives in a module of its own so that the
// product's dependencies stay few. A real MongoDB takes its place wherever one is at hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// innerSocket is where FerretDB itself listens, inside the data folder. The name is relative: the longest path a Unix
// socket may have (104 to 108 bytes) is soon exceeded by the folder of a test.
const innerSocket = "ferretdb.sock"

// sqlitePragmas leave out the disk's confirmation of each commit. What was acknowledged survives the end of the process,
// kill -9 included, since it is in the kernel's hands by then; a power cut may take the last seconds but leaves the file
// whole. Fewer checkpoints make this as fast as synchronous(off), which a power cut could leave corrupt. The first two
// are FerretDB's own, in the order that they need.
const sqlitePragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=wal_autocheckpoint(8000)"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(os.Stderr, "devstack: %v\n", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("devstack", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", "", "loopback `address` to listen on, such as 127.0.0.1:27017; port 0 takes a free one")
	state := flags.String("state", "", "`folder` that holds the data; made when missing")
	var tls security
	tls.bind(flags)
	verbose := flags.Bool("verbose", false, "log every refused command and every connection to stderr")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q; devstack takes flags only, see devstack -help", flags.Arg(0))
	}
	if err := requireLoopback(*listen); err != nil {
		return err
	}
	release, err := enter(*state)
	if err != nil {
		return err
	}
	defer release()
	outer, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("%s can't be listened on; end the program that has it or name another port: %w", *listen, err)
	}
	defer outer.Close()
	if outer, err = tls.secure(outer); err != nil {
		return err
	}

	level := slog.LevelError
	if *verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	indexes := newIndexes(log)
	indexes.mendAll(ctx)
	// The embedded package never starts FerretDB's telemetry reporter and locks it as disabled.
	server, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{Unix: innerSocket},
		Logger:    log,
		Handler:   "sqlite",
		SQLiteURL: "file:./?" + sqlitePragmas,
	})
	if err != nil {
		return fmt.Errorf("FerretDB does not start with its data in %s: %w", *state, err)
	}

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	inner := make(chan error, 1)
	go func() { inner <- server.Run(ctx) }()
	server.MongoDBURI() // returns once Run has its listener

	gate := &gate{socket: innerSocket, indexes: indexes}
	fmt.Fprintf(stdout, "devstack: ready on mongodb://%s/\n", outer.Addr())
	err = gate.serve(ctx, outer)
	cancel()
	return errors.Join(err, <-inner)
}

// requireLoopback refuses addresses that other machines could reach: the server asks for no password.
func requireLoopback(address string) error {
	if address == "" {
		return errors.New("no address given; say where to listen, for example -listen 127.0.0.1:27017")
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("-listen %q is not an address such as 127.0.0.1:27017: %w", address, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return fmt.Errorf("-listen %q is not on the loopback interface; this server has no password, so use 127.0.0.1", address)
	}
	return nil
}

// enter makes the data folder, readable by its owner only, takes its lock and makes it the working folder. The lock
// ends with the process, however that ends, so nothing is left behind by a crash.
func enter(folder string) (release func(), err error) {
	if folder == "" {
		return nil, errors.New("no data folder given; name one with -state DIR")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder can't be made: %w", err)
	}
	lock, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data folder can't be locked: %w", err)
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		lock.Close()
		return nil, fmt.Errorf("the data folder %s is in use by another devstack; stop that one or name another folder", folder)
	}
	if err := os.Chdir(folder); err != nil {
		lock.Close()
		return nil, err
	}
	// A socket left by a killed process would refuse the new one; under the lock it can only be stale.
	if err := os.Remove(innerSocket); err != nil && !errors.Is(err, os.ErrNotExist) {
		lock.Close()
		return nil, err
	}
	return func() { lock.Close() }, nil
}
