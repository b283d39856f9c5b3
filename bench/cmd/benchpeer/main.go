// Command benchpeer runs one of the services that the benchmark compares a BEDS node with, until SIGTERM.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/beds-project/beds/bench/peer"
	"github.com/beds-project/beds/bench/probe"
)

func main() {
	var o peer.Options
	kind := flag.String("peer", "", "which one")
	flag.StringVar(&o.Name, "name", "", "its exchange, and its queues with a suffix")
	flag.IntVar(&o.ReplyBytes, "reply", 600, "`bytes` of an echo's answer")
	flag.Parse()
	// Addresses hold passwords, so they are not arguments.
	o.URL, o.DSN = os.Getenv("BENCH_AMQP_URL"), os.Getenv("BENCH_MARIADB_DSN")
	if err := run(*kind, o); err != nil {
		fmt.Fprintln(os.Stderr, "benchpeer:", err)
		os.Exit(1)
	}
}

func run(kind string, o peer.Options) error {
	p, err := peer.Find(kind)
	if err != nil {
		return err
	}
	if err := probe.Serve(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	handler := peer.Echo(o.ReplyBytes)
	if p.Database {
		orders, err := peer.OpenOrders(ctx, o.DSN)
		if err != nil {
			return err
		}
		defer orders.Close()
		handler = orders.Handle
	}
	return p.Transport(ctx, o, handler)
}
